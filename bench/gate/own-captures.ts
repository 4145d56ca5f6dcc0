// Recall on captures of our own: every real client with each encryption setting against libtorrent, with many torrents at
// once, so that one run shows many handshakes; and two aMules.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FlowLine } from "../../src/gate/flow-line.ts";
import { amuleFlows } from "../../tests/gate/amule-flows.ts";
import { classifyFile } from "../../tests/gate/captures.ts";
import { Aria2 } from "../../tests/lab/clients/aria2.ts";
import {
  type Client,
  type ClientOptions,
  completed,
  type Encryption,
  type Transfer,
} from "../../tests/lab/clients/client.ts";
import { Libtorrent } from "../../tests/lab/clients/libtorrent.ts";
import { Opentracker } from "../../tests/lab/clients/opentracker.ts";
import { Qbittorrent } from "../../tests/lab/clients/qbittorrent.ts";
import { Rtorrent } from "../../tests/lab/clients/rtorrent.ts";
import { Transmission } from "../../tests/lab/clients/transmission.ts";
import { writeFiles } from "../../tests/lab/content.ts";
import type { Host } from "../../tests/lab/host.ts";
import { Lab } from "../../tests/lab/lab.ts";
import type { Recall } from "./recall.ts";

/** So many that all clients together make more than two hundred handshakes of MSE. */
const TORRENTS = 32;
const TROUBLE_CHARACTERS_MAX = 200;
const FILE_BYTES = 40_000;
const PIECE_BYTES = 16_384;
const COMPLETED_MS_MAX = 150_000;
/** Who was not ready when it was dialled is dialled again: Transmission, while it checks a torrent. */
const DIALLED_AGAIN = { min_reconnect_time: 2 };
const CAPTURED_BYTES = 65_535;
/** Less than a torrent: the connection was refused before anything was said. */
const REFUSED_BYTES_MAX = 2000;

type Starter = { start(host: Host, options: ClientOptions): Promise<Client> };
type Setting = { readonly encryption: Encryption; readonly utp: boolean };

type Scene = {
  readonly name: string;
  readonly starter: Starter;
  readonly settings: readonly Setting[];
  readonly torrents?: number;
  readonly rounds?: number;
};

const plain = (encryption: Encryption): Setting => ({ encryption, utp: false });
const overUdp = (encryption: Encryption): Setting => ({ encryption, utp: true });
const STREAMS = (["off", "prefer", "require"] as const).map(plain);
const BOTH = [...STREAMS, overUdp("off"), overUdp("require")];
// rtorrent and libtorrent find no common method when both require encryption.
const SCENES: readonly Scene[] = [
  { name: "Transmission", starter: Transmission, settings: STREAMS },
  // It fetches five at a time, and seeds what it has until it is told otherwise.
  { name: "aria2", starter: Aria2, settings: STREAMS, torrents: 5, rounds: 4 },
  { name: "qBittorrent", starter: Qbittorrent, settings: BOTH },
  { name: "rtorrent", starter: Rtorrent, settings: STREAMS.slice(0, 2) },
  { name: "libtorrent", starter: Libtorrent, settings: BOTH },
];

/** Flows with payload between the two, once every torrent was fetched. */
async function peerFlows({ starter, torrents = TORRENTS }: Scene, setting: Setting): Promise<FlowLine[]> {
  using lab = Lab.create();
  const folder = (name: string): string => {
    const path = join(lab.folder, name);
    mkdirSync(path);
    return path;
  };
  const [here, there] = [lab.host("here"), lab.host("there")];
  using tracker = await Opentracker.start(lab.host("tracker"), folder("tracker"));
  using capture = await there.capture(
    join(lab.folder, "flows.pcap"),
    `host ${here.address} and host ${there.address}`,
    CAPTURED_BYTES,
  );
  using seeder = await Libtorrent.start(here, { folder: folder("seeder"), ...setting, settings: DIALLED_AGAIN });
  const content = folder("content");
  const files: string[] = [];
  const hashes: string[] = [];
  for (let number = 0; number < torrents; number += 1) {
    writeFiles(content, { [`${number}/file.bin`]: FILE_BYTES + number });
    const output = join(lab.folder, `${number}.torrent`);
    const path = join(content, `${number}`);
    const made = await seeder.create({
      path,
      output,
      format: "v1",
      pieceBytes: PIECE_BYTES,
      trackers: [tracker.announceUrl],
    });
    files.push(output);
    hashes.push(made.infoHashV1 ?? "");
  }
  await tracker.allow(hashes);
  const seeding = await Promise.all(files.map((file) => seeder.add({ file }, content)));
  using client = await starter.start(there, { folder: folder("client"), ...setting });
  const target = folder("target");
  const transfers: Transfer[] = [];
  for (const file of files) transfers.push(await client.add({ file }, target));
  for (const torrent of seeding) await torrent.addPeer(there.address, client.port);
  for (const transfer of transfers) await completed(client, transfer, COMPLETED_MS_MAX);
  await capture.stop();
  return (await classifyFile(capture.file)).filter(isSpoken);
}

function isSpoken({ proto, bytes, why }: FlowLine): boolean {
  return /^(tcp|udp)$/.test(proto) && why.code !== "flow.silent" && bytes > REFUSED_BYTES_MAX;
}

/** One row for each client and setting; `codes` says how the flows were known. */
export type OwnRecall = Recall & { readonly codes: Readonly<Record<string, number>>; readonly trouble?: string };

export async function measureOwnCaptures(report: (row: OwnRecall) => void): Promise<OwnRecall[]> {
  const rows: OwnRecall[] = [];
  const scene = async (kind: string, application: string, run: () => Promise<FlowLine[]>): Promise<void> => {
    const row = await counted(kind, application, run);
    rows.push(row);
    report(row);
  };
  for (const one of SCENES) {
    for (const setting of one.settings) {
      const kind = `${one.name}, encryption ${setting.encryption}, ${setting.utp ? "uTP" : "TCP"}`;
      await scene(kind, "bittorrent", async () => {
        const flows: FlowLine[] = [];
        for (let round = 0; round < (one.rounds ?? 1); round += 1) flows.push(...(await peerFlows(one, setting)));
        return flows;
      });
    }
  }
  for (const obfuscated of [false, true]) {
    await scene(`aMule, ${obfuscated ? "obfuscated" : "plain"}`, "emule", () => amuleFlows(obfuscated));
  }
  return rows;
}

// A client that does not come up on a busy machine costs its row, not the run.
async function counted(kind: string, application: string, run: () => Promise<FlowLine[]>): Promise<OwnRecall> {
  try {
    const flows = await run();
    const codes: Record<string, number> = {};
    for (const { why } of flows) codes[why.code] = (codes[why.code] ?? 0) + 1;
    const right = flows.filter((flow) => flow.application === application).length;
    return { kind, flows: flows.length, right, codes };
  } catch (thrown) {
    return {
      kind,
      flows: 0,
      right: 0,
      codes: {},
      trouble: thrown instanceof Error ? thrown.message.slice(0, TROUBLE_CHARACTERS_MAX) : "?",
    };
  }
}
