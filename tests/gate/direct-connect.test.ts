// Real Direct Connect clients on a small hub, in both dialects: what they say to the hub and to each other is recognised,
// flow by flow, whoever dials.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { FlowLine } from "../../src/gate/flow-line.ts";
import { CLIENT_PORT, type Dialect, Eiskaltdcpp, startHub } from "../lab/clients/eiskaltdcpp.ts";
import { seededBytes } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";
import { classifyFile } from "./captures.ts";

const DIALECTS: readonly Dialect[] = ["nmdc", "adc"];
const FILE = "lecture.bin";
const CONTENT = seededBytes(FILE, 1_500_000);
const SHARED = new Map([[FILE, CONTENT]]);
// Whoever did not get through tries again after a minute.
const FETCHED_MS_MAX = 120_000;

type Way = { readonly dialect: Dialect; readonly passive: boolean; readonly tls?: boolean };

/** The flows of a search and a whole transfer, seen at the one who fetches. */
async function flowsOf({ dialect, passive, tls = false }: Way): Promise<FlowLine[]> {
  using lab = Lab.create();
  const [meeting, there, here] = [lab.host("hub"), lab.host("there"), lab.host("here")];
  using hub = await startHub(meeting, dialect);
  const ends = [meeting, there].map(({ address }) => `host ${address}`).join(" or ");
  using capture = await here.capture(join(lab.folder, "flows.pcap"), `ip and (${ends})`, 65_535);
  using sharer = await Eiskaltdcpp.start(there, { folder: lab.newFolder("sharer"), nick: "sharer", tls }, SHARED);
  await sharer.join(hub);
  using fetcher = await Eiskaltdcpp.start(here, { folder: lab.newFolder("fetcher"), nick: "fetcher", passive, tls });
  await fetcher.join(hub);
  await until("they meet", () => fetcher.sees(hub, "sharer"), FETCHED_MS_MAX);
  await fetcher.search(hub, "lecture");
  await until("the file is found", async () => (await fetcher.found(hub)).includes(FILE), FETCHED_MS_MAX);
  await fetcher.download(hub, "sharer", FILE);
  await until("the file is there", () => fetcher.hasWhole(FILE), FETCHED_MS_MAX);
  assert.ok(readFileSync(fetcher.pathOf(FILE)).equals(CONTENT));
  await capture.stop();
  const flows = await classifyFile(capture.file);
  return flows.filter(({ proto, why }) => /^(tcp|udp)$/.test(proto) && why.code !== "flow.silent");
}

suite("EiskaltDC++", { concurrency: 2, skip: missing("ip", "tcpdump", "eiskaltdcpp-daemon") }, () => {
  for (const dialect of DIALECTS) {
    for (const passive of [false, true]) {
      const who = passive ? "dials the other" : "has the other dial";
      test(`${dialect}, whoever fetches ${who}: hub, search and transfer are recognised by their first packet`, async () => {
        const flows = await flowsOf({ dialect, passive });
        assert.deepEqual(
          flows.filter(({ application, decidedAtPacket }) => application !== "directconnect" || decidedAtPacket !== 1),
          [],
        );
        const whole = flows.filter(({ proto, bytes }) => proto === "tcp" && bytes > CONTENT.length);
        assert.equal(whole.length, 1, JSON.stringify(flows));
        assert.equal(whole[0]?.dstPort, CLIENT_PORT);
        const codes = new Set(flows.map(({ why }) => why.code));
        const results = dialect === "nmdc" ? "dc.nmdc_result" : "dc.adc_udp";
        assert.equal(codes.has(results), !passive, JSON.stringify([...codes]));
      });
    }
  }

  test("under TLS only the hub is known: between the two there is nothing but TLS", async () => {
    const flows = await flowsOf({ dialect: "adc", passive: false, tls: true });
    const transfer = flows.filter(({ bytes }) => bytes > CONTENT.length).map(({ why }) => why.code);
    assert.deepEqual(transfer, ["flow.ordinary"]);
    assert.ok(flows.some(({ why }) => why.code === "dc.adc"));
  });
});
