// uTP of other clients than libtorrent's Python: refused by default, and with a grant the whole transfer comes over it, for
// TCP between the two is cut off.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { type Client, type ClientOptions, completed, type Encryption, type Transfer } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Opentracker } from "../lab/clients/opentracker.ts";
import { Qbittorrent } from "../lab/clients/qbittorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import { writeFiles } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import { missing } from "../lab/requirements.ts";
import { Institution } from "./institution.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

type Starter = { readonly program: string; start(host: Host, options: ClientOptions): Promise<Client> };
type Case = { readonly starter: Starter; readonly seeder: Starter; readonly encryption: Encryption };

const FILE_BYTES = 3_000_000;
const PIECE_BYTES = 65_536;
const SEEDER_PORT = 7000;
const BEHAVIOURAL_BYTES_MAX = 65_536;
const MS_MAX = 120_000;

const qbittorrent: Starter = { program: "qbittorrent-nox", start: Qbittorrent.start };
const transmission: Starter = { program: "transmission-daemon", start: Transmission.start };
const libtorrent: Starter = { program: "python3-libtorrent", start: Libtorrent.start };
// Transmission's uTP stalls against libtorrent's, with a gate or without.
const CASES: Readonly<Record<string, Case>> = {
  "qBittorrent in the clear": { starter: qbittorrent, seeder: libtorrent, encryption: "off" },
  "qBittorrent, encrypted": { starter: qbittorrent, seeder: libtorrent, encryption: "require" },
  "Transmission in the clear": { starter: transmission, seeder: transmission, encryption: "off" },
  "Transmission, encrypted": { starter: transmission, seeder: transmission, encryption: "require" },
};

/** A torrent that a seeder outside has, known to a tracker that nobody stops. */
async function startSeeding(yard: Yard, meeting: Host, { seeder, encryption }: Case) {
  using stack = new DisposableStack();
  const tracker = stack.use(await Opentracker.start(meeting, yard.newFolder("tracker")));
  const content = yard.newFolder("content");
  writeFiles(content, { "files/one.bin": FILE_BYTES });
  const file = yard.path("one.torrent");
  using maker = await Libtorrent.maker();
  const path = `${content}/files`;
  const trackers = [tracker.announceUrl];
  const made = await maker.create({ path, output: file, format: "v1", pieceBytes: PIECE_BYTES, trackers });
  await tracker.allow([made.infoHashV1 ?? ""]);
  const options = { folder: yard.newFolder("seeder"), encryption, utp: true, port: SEEDER_PORT };
  const client = stack.use(await seeder.start(yard.outside, options));
  await completed(client, await client.add({ file }, content), MS_MAX);
  const kept = stack.move();
  return { file, [Symbol.dispose]: () => kept.dispose() };
}

/** Whoever finds uTP refused dials over TCP: the one outside takes none from there. */
function cutTcp(yard: Yard, from: Host): void {
  const chain = "add table inet cut; add chain inet cut in { type filter hook input priority 0; }";
  yard.outside.run("nft", [`${chain}; add rule inet cut in ip saddr ${from.address} meta l4proto tcp drop`]);
}

async function begin(
  yard: Yard,
  on: Host,
  { starter, encryption }: Case,
  begun: { readonly name: string; readonly file: string; readonly port: number },
): Promise<{ client: Client; transfer: Transfer }> {
  const { name, file, port } = begun;
  const client = await starter.start(on, { folder: yard.newFolder(name), encryption, utp: true, port });
  return { client, transfer: await client.add({ file }, yard.newFolder(`${name}-files`)) };
}

const programs = Object.values(CASES).flatMap(({ starter, seeder }) => [starter.program, seeder.program]);
const skip = missing("ip", "nft", "tcpdump", "opentracker", "python3-libtorrent", ...programs);

suite("over uTP alone", { concurrency: 2, skip }, () => {
  for (const [name, one] of Object.entries(CASES)) {
    test(`${name}: at most 64 KiB comes without a grant, and with one the whole content`, async () => {
      using yard = new Yard();
      const [host, meeting] = [yard.client(), yard.client()];
      const outside = yard.outside.address;
      const institution = new Institution(yard.folder);
      await institution.publish();
      const config = yard.path("gate.json");
      const devices = { laptop: { addresses: [host.address] } };
      writeFileSync(config, JSON.stringify({ management: [meeting.address], devices }));
      using seeding = await startSeeding(yard, meeting, one);
      cutTcp(yard, host);
      const words = ["--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words];
      using gate = await yard.gate(...words);
      {
        using tap = await Wiretap.start(host, yard.path("refused.pcap"));
        const refused = await begin(yard, host, one, { name: "refused", file: seeding.file, port: 6101 });
        using _client = refused.client;
        await gate.printed(/"action":"block".*"proto":"udp".*"application":"bittorrent"/, MS_MAX);
        assert.ok(tap.receivedBytes(outside) <= BEHAVIOURAL_BYTES_MAX);
        assert.equal((await refused.transfer.state()).doneBytes, 0);
      }
      await institution.grant({ id: "G-1", device: "laptop" });
      await gate.printed(/"event":"grants","open":\[\{/);
      using tap = await Wiretap.start(host, yard.path("granted.pcap"));
      const granted = await begin(yard, host, one, { name: "granted", file: seeding.file, port: 6102 });
      using client = granted.client;
      await completed(client, granted.transfer, MS_MAX);
      const over = { tcp: tap.receivedBytes(outside, "tcp"), udp: tap.receivedBytes(outside, "udp") };
      assert.ok(over.udp >= FILE_BYTES && over.tcp === 0, JSON.stringify(over));
      assert.match(gate.stdout, /"action":"granted".*"proto":"udp"/);
    });
  }
});
