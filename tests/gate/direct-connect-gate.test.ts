// Real Direct Connect clients on both sides of the gate: neither the hub nor another client is heard, whoever dials, and the
// gate says whom it kept from it. No grant can name Direct Connect; who may speak it has a policy of their own.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { Eiskaltdcpp, type Hub, startHub } from "../lab/clients/eiskaltdcpp.ts";
import { seededBytes } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { missing } from "../lab/requirements.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

const FILE = "lecture.bin";
const CONTENT = seededBytes(FILE, 1_500_000);
// Whoever did not get through tries again after a minute.
const MS_MAX = 120_000;
/** By then what was refused has been sent again, and refused again. */
const REFUSED_PACKETS = 3;

type Rules = {
  readonly blocks: readonly {
    readonly address: string;
    readonly application: string;
    readonly packets: number;
    readonly rule: string;
    readonly why: { readonly code: string };
  }[];
};

function startSharer(yard: Yard): Promise<Eiskaltdcpp> {
  const options = { folder: yard.newFolder("sharer"), nick: "sharer" };
  return Eiskaltdcpp.start(yard.outside, options, new Map([[FILE, CONTENT]]));
}

async function startFetcher(yard: Yard, host: Host, hub: Hub, passive: boolean): Promise<Eiskaltdcpp> {
  const client = await Eiskaltdcpp.start(host, { folder: yard.newFolder(host.name), nick: host.name, passive });
  await client.join(hub);
  return client;
}

function startGate(yard: Yard, policy: unknown) {
  writeFileSync(yard.path("gate.json"), JSON.stringify(policy));
  return yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", yard.path("gate.json"));
}

/** How the gate tells of the block, once the kernel has refused the same more than once. */
function told(yard: Yard, host: Host): Promise<string> {
  const block = (): string | undefined => {
    const words = ["gate", "rules", "--json", "--state", yard.path("state"), "--address", host.address];
    const { blocks } = JSON.parse(yard.swarmgate(...words)) as Rules;
    const found = blocks.find(({ application }) => application === "directconnect");
    return found === undefined || found.packets < REFUSED_PACKETS ? undefined : `${found.why.code}, ${found.rule}`;
  };
  return until("the gate tells whom it blocks", block, MS_MAX);
}

suite("EiskaltDC++", { concurrency: 2, skip: missing("ip", "nft", "tcpdump", "eiskaltdcpp-daemon") }, () => {
  test("the hub is not heard, and who was kept from it is told; who has a policy of their own fetches a file", async () => {
    using yard = new Yard();
    const [laptop, desk] = [yard.client(), yard.client()];
    using hub = await startHub(yard.outside, "nmdc");
    using sharer = await startSharer(yard);
    await sharer.join(hub);
    using gate = await startGate(yard, {
      devices: { laptop: { addresses: [laptop.address] }, desk: { addresses: [desk.address], policy: "allow" } },
    });
    using tap = await Wiretap.start(laptop, yard.path("tap.pcap"));
    using refused = await startFetcher(yard, laptop, hub, true);
    using allowed = await startFetcher(yard, desk, hub, true);
    // A hub speaks first, so that nothing but the kernel has seen what it said.
    assert.equal(await told(yard, laptop), "kernel.refused, in no zone: block");
    assert.equal(tap.receivedBytes(yard.outside.address), 0);
    assert.equal(await refused.sees(hub, "sharer"), false);
    await allowed.download(hub, "sharer", FILE);
    await until("the file is there", () => allowed.hasWhole(FILE), MS_MAX);
    assert.ok(readFileSync(allowed.pathOf(FILE)).equals(CONTENT), gate.tail());
  });

  for (const passive of [true, false]) {
    test(`on a hub which nobody stops, who ${passive ? "dials the other" : "is dialled"} hears nothing of the other`, async () => {
      using yard = new Yard();
      const [host, meeting] = [yard.client(), yard.client()];
      using hub = await startHub(meeting, "nmdc");
      using sharer = await startSharer(yard);
      const devices = { laptop: { addresses: [host.address] } };
      using _gate = await startGate(yard, { management: [meeting.address], devices });
      await sharer.join(hub);
      using tap = await Wiretap.start(host, yard.path("tap.pcap"));
      using client = await startFetcher(yard, host, hub, passive);
      await client.askForList(hub, "sharer");
      // Who is dialled may have said something too, or the kernel alone has seen who dials.
      assert.match(await told(yard, host), passive ? /^dc\.nmdc, in/ : /^(dc\.nmdc|kernel\.refused), in/);
      assert.equal(tap.receivedBytes(yard.outside.address), 0);
      assert.equal(client.hasLists(), false);
    });
  }
});
