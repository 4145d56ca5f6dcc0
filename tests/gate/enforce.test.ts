// The gate between real clients and a real seeder, all of them in one yard at one time: blocked by default, and with a grant
// the same transfer completes as fast as with no gate in the way.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import { Aria2 } from "../lab/clients/aria2.ts";
import { type Client, type ClientOptions, completed, type Encryption, type Transfer } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Opentracker } from "../lab/clients/opentracker.ts";
import { Qbittorrent } from "../lab/clients/qbittorrent.ts";
import { Rtorrent } from "../lab/clients/rtorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { Institution } from "./institution.ts";
import { type Seeding, startSeeder } from "./seeder.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

type Starter = { readonly program: string; start(host: Host, options: ClientOptions): Promise<Client> };
const CLIENTS: Readonly<Record<string, Starter>> = {
  Transmission: { program: "transmission-daemon", start: Transmission.start },
  aria2: { program: "aria2c", start: Aria2.start },
  qBittorrent: { program: "qbittorrent-nox", start: Qbittorrent.start },
  rtorrent: { program: "rtorrent", start: Rtorrent.start },
  libtorrent: { program: "python3-libtorrent", start: Libtorrent.start },
};
type Case = {
  readonly client: string;
  readonly encryption: Encryption;
  readonly utp: boolean;
  readonly family?: 4 | 6;
};
const plain = (client: string): Case => ({ client, encryption: "off", utp: false });
const encrypted = (client: string): Case => ({ client, encryption: "require", utp: false });
const overIpv6 = (encryption: Encryption, utp: boolean): Case => ({ client: "libtorrent", encryption, utp, family: 6 });
const CASES: readonly Case[] = [
  ...Object.keys(CLIENTS).map(plain),
  { client: "libtorrent", encryption: "off", utp: true },
  { client: "libtorrent", encryption: "require", utp: true },
  ...["Transmission", "aria2", "qBittorrent", "libtorrent"].map(encrypted),
  { client: "rtorrent", encryption: "prefer", utp: false },
  overIpv6("off", false),
  overIpv6("off", true),
  overIpv6("require", true),
];
/** More at once than this, and two cores start clients for longer than they transfer. */
const AT_ONCE = 8;
const BEHAVIOURAL_BYTES_MAX = 65_536;
const WATCH_MS = 6000;
const COMPLETED_MS_MAX = 90_000;
// A loaded machine moves single transfers by so much; what a gate that is in the way costs is far more.
const SLOWER_MAX = 2;
const SLACK_SECONDS = 2;
const TRIES = 3;
const FIRST_SEEDER_PORT = 7000;
/** Each client of a computer listens at the next: nobody dials one by what they remember of another. */
const FIRST_CLIENT_PORT = 6101;

const programs = Object.values(CLIENTS).map(({ program }) => program);
const skip = missing("ip", "nft", "tcpdump", "opentracker", ...programs);
const titleOf = ({ client, encryption, utp, family = 4 }: Case): string =>
  `${client}, encryption ${encryption}, ${utp ? "uTP" : "TCP"}${family === 6 ? ", IPv6" : ""}`;

/** One case's own computer inside and seeder outside. */
class Place implements Disposable {
  readonly case: Case;
  readonly host: Host;
  readonly device: string;
  readonly #yard: Yard;
  readonly #seeding: Seeding;
  #clients = 0;

  private constructor(yard: Yard, one: Case, host: Host, seeding: Seeding) {
    this.#yard = yard;
    this.case = one;
    this.host = host;
    this.device = host.name;
    this.#seeding = seeding;
  }

  static async open(yard: Yard, tracker: Opentracker, one: Case, port: number): Promise<Place> {
    const { encryption, utp, family = 4 } = one;
    const settings = family === 6 ? { listen_interfaces: `[::]:${port}` } : {};
    const trackers = family === 6 ? [] : [tracker.announceUrl];
    return new Place(yard, one, yard.client(), await startSeeder(yard, { port, encryption, utp, settings, trackers }));
  }

  get infoHash(): string {
    return this.#seeding.infoHash;
  }

  get addresses(): string[] {
    return [this.host.address, this.#yard.address6(this.host)];
  }

  get outside(): string {
    return this.case.family === 6 ? this.#yard.address6(this.#yard.outside) : this.#yard.outside.address;
  }

  /** A new client with the transfer begun; `forced`: over the case's transport and no other. */
  async begin(forced: boolean): Promise<{ client: Client; transfer: Transfer; beganMs: number }> {
    const { client: name, encryption, utp, family = 4 } = this.case;
    const starter = CLIENTS[name];
    assert.ok(starter !== undefined);
    const port = FIRST_CLIENT_PORT + this.#clients;
    this.#clients += 1;
    const settings = {
      ...(family === 6 ? { listen_interfaces: `[::]:${port}` } : {}),
      ...(forced && utp ? { enable_outgoing_tcp: false } : {}),
    };
    const folder = this.#yard.newFolder(`${this.device}-${port}`);
    const client = await starter.start(this.host, { ...{ folder, encryption, utp, port }, ...{ settings } });
    const target = this.#yard.newFolder(`${this.device}-${port}-files`);
    const beganMs = performance.now();
    const transfer = await client.add({ file: this.#seeding.file }, target);
    // Others find the seeder by the tracker: rtorrent 0.9.8 has no command for it.
    if (name !== "rtorrent") await transfer.addPeer?.(this.outside, this.#seeding.port);
    return { client, transfer, beganMs };
  }

  /** How long a transfer takes that is the client's first. */
  async seconds(): Promise<number> {
    const { client, transfer, beganMs } = await this.begin(true);
    using _client = client;
    await completed(client, transfer, COMPLETED_MS_MAX);
    return (performance.now() - beganMs) / 1000;
  }

  seed(): Promise<Transfer> {
    return this.#seeding.begin();
  }

  [Symbol.dispose](): void {
    this.#seeding[Symbol.dispose]();
  }
}

suite("real clients", { concurrency: AT_ONCE, skip }, () => {
  const stack = new DisposableStack();
  const alone = new Map<Place, number>();
  const seeds = new Map<Place, Transfer>();
  const places: Place[] = [];
  let institution: Institution;
  let gate: Program;
  let yard: Yard;
  let granting = Promise.resolve();

  before(async () => {
    yard = stack.use(new Yard());
    const tracker = stack.use(await Opentracker.start(yard.outside, yard.newFolder("tracker")));
    for (const [index, one] of CASES.entries()) {
      places.push(stack.use(await Place.open(yard, tracker, one, FIRST_SEEDER_PORT + index)));
    }
    tracker.allow(places.map(({ infoHash }) => infoHash));
    for (const place of places) seeds.set(place, await place.seed());
    const waiting = [...places];
    const measure = async (): Promise<void> => {
      for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
        alone.set(place, await place.seconds());
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, measure));
    institution = new Institution(yard.folder);
    await institution.publish();
    const config = yard.path("gate.json");
    const devices = Object.fromEntries(places.map(({ device, addresses }) => [device, { addresses }]));
    writeFileSync(config, JSON.stringify({ devices }));
    const words = ["--mode", "enforce", "--confirm-within", "0", "--config", config];
    gate = stack.use(await yard.gate(...words, ...institution.words));
  });
  after(() => stack.dispose());

  for (const [index, one] of CASES.entries()) {
    const isKernel = one.encryption === "off";
    const allowed = isKernel ? "no content at all" : "at most 64 KiB";
    test(`${titleOf(one)}: without a grant ${allowed} comes through (H174), with one everything, as fast as ever`, async () => {
      const place = places[index];
      assert.ok(place !== undefined);
      const { host, outside, device } = place;
      await refused(place);
      granting = granting.then(() => institution.grant({ id: `G-${device}`, device }));
      await granting;
      await gate.printed(new RegExp(`"event":"grants","open":.*"${device}"`));
      const most = (alone.get(place) ?? 0) * SLOWER_MAX + SLACK_SECONDS;
      const tries = [await place.seconds()];
      // Others share the machine: one fast transfer shows what the gate allows.
      while (Math.min(...tries) >= most && tries.length < TRIES) tries.push(await place.seconds());
      assert.ok(Math.min(...tries) < most, `${tries.join(", ")} s with a grant, at most ${most} s`);
      const ends = one.family === 6 ? yard.address6(host) : host.address;
      const seen = gate.stdout
        .split("\n")
        .filter((line) => line.includes(`"${ends}"`) && line.includes(`"${outside}"`));
      assert.ok(seen.some((line) => line.includes('"action":"block"')));
      assert.ok(
        seen.some((line) => line.includes('"action":"granted"') && (!one.utp || line.includes('"proto":"udp"'))),
      );
    });
  }

  async function refused(place: Place): Promise<void> {
    const { host, outside } = place;
    using tap = await Wiretap.start(host, yard.path(`${host.name}.pcap`));
    const { client, transfer } = await place.begin(false);
    using _client = client;
    // Both sides dial, for what a client does not do its peers do.
    const inside = place.case.family === 6 ? yard.address6(host) : host.address;
    await seeds.get(place)?.addPeer?.(inside, client.port);
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    const received = tap.receivedBytes(outside);
    const state = await transfer.state();
    assert.ok(received <= BEHAVIOURAL_BYTES_MAX, `${received} bytes came through\n${gate.tail()}`);
    if (place.case.encryption === "off") assert.equal(state.doneBytes, 0);
    assert.equal(state.complete, false);
  }
});
