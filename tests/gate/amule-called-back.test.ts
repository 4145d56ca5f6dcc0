// Who cannot be dialled calls back, told so by an eD2k server that nobody stops. A grant to download opens what the device
// dials: it may be the one who is firewalled. What dials the device needs a grant to share.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { Amule } from "../lab/clients/amule.ts";
import { type Ed2kServerOptions, startEd2kServer } from "../lab/clients/ed2k-server.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { type Given, Institution } from "./institution.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

const MS_MAX = 120_000;
const HASH = createHash("md5").update("a file").digest("hex");
const LINK = `ed2k://|file|file.bin|1000000|${HASH}|/`;

class Scene implements Disposable {
  readonly yard = new Yard();
  readonly device = this.yard.client();
  readonly institution = new Institution(this.yard.folder);
  readonly outside = this.yard.outside.address;
  readonly #serverHost = this.yard.client();
  readonly #stack = new DisposableStack();
  #gate: Program | undefined;
  #tap: Wiretap | undefined;
  #server: Program | undefined;

  /** Two eMules that know one server, of which one is inside and refused. */
  async open(server: Omit<Ed2kServerOptions, "source">): Promise<void> {
    const source = { address: this.outside, obfuscated: false };
    this.#server = this.#stack.use(await startEd2kServer(this.#serverHost, { source, ...server }));
    await this.institution.publish();
    const config = this.yard.path("gate.json");
    const devices = { laptop: { addresses: [this.device.address] } };
    writeFileSync(config, JSON.stringify({ management: [this.#serverHost.address], devices }));
    const words = ["--mode", "enforce", "--confirm-within", "0", "--config", config, ...this.institution.words];
    this.#gate = this.#stack.use(await this.yard.gate(...words));
    this.#tap = this.#stack.use(await Wiretap.start(this.device, this.yard.path("tap.pcap")));
    this.#stack.use(await this.amule(this.yard.outside, "source"));
  }

  amule(host: Host, name: string): Promise<Amule> {
    const knows = { server: this.#serverHost.address };
    return Amule.start(host, { folder: this.yard.newFolder(name), address: host.address, obfuscated: false, knows });
  }

  get gate(): Program {
    assert.ok(this.#gate !== undefined);
    return this.#gate;
  }

  get receivedBytes(): number {
    return this.#tap?.receivedBytes(this.outside) ?? 0;
  }

  /** Packets that the kernel refused to this device. */
  get metPackets(): number {
    const printed = this.yard.swarmgate("gate", "rules", "--address", this.device.address);
    return Number(/emule without an open grant \((\d+)/.exec(printed)?.[1] ?? 0);
  }

  /** How often the server was asked to have somebody call back. */
  get callsAsked(): number {
    return (this.#server?.stdout.split("call back").length ?? 1) - 1;
  }

  async grant(given: Pick<Given, "id" | "direction">): Promise<void> {
    await this.institution.grant({ ...given, device: "laptop", application: "emule" });
    await this.gate.printed(new RegExp(`"event":"grants","open":.*"${given.id}"`));
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
    this.yard[Symbol.dispose]();
  }
}

suite("called back", { concurrency: 2, skip: missing("ip", "nft", "tcpdump", "amuled") }, () => {
  test("a firewalled device is told whom to call: nothing comes without a grant, and one to download opens it", async () => {
    using scene = new Scene();
    await scene.open({ firewalled: scene.device.address, calls: scene.outside });
    {
      using _refused = await scene.amule(scene.device, "refused");
      await scene.gate.printed(/"action":"block".*"dstPort":4662,"application":"emule"/, MS_MAX);
      assert.equal(scene.receivedBytes, 0);
    }
    await scene.grant({ id: "G-1", direction: "download" });
    using _granted = await scene.amule(scene.device, "granted");
    await scene.gate.printed(/"action":"granted".*"dstPort":4662,"application":"emule"/, MS_MAX);
    await until("who is called answers", () => scene.receivedBytes > 0, MS_MAX);
  });

  test("a firewalled source calls the device: to download does not open that, to share does", async () => {
    using scene = new Scene();
    await scene.open({ firewalled: scene.outside });
    await scene.grant({ id: "G-1", direction: "download" });
    {
      using client = await scene.amule(scene.device, "downloading");
      client.download(LINK);
      await until("the server is asked for a call", () => scene.callsAsked > 0, MS_MAX);
      await until("the call is refused", () => scene.metPackets > 0, MS_MAX);
      assert.equal(scene.receivedBytes, 0);
    }
    await scene.grant({ id: "G-2", direction: "share" });
    using client = await scene.amule(scene.device, "sharing");
    client.download(LINK);
    const called = new RegExp(`"action":"granted".*"dst":"${scene.device.address}","dstPort":4662`);
    await scene.gate.printed(called, MS_MAX);
    await until("the call is heard", () => scene.receivedBytes > 0, MS_MAX);
  });
});
