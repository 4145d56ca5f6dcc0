// A libtorrent outside with 20 MB, which tells a tracker outside of itself, so that a client finds it and dials.

import { join } from "node:path";
import { Libtorrent, type LibtorrentOptions, type LibtorrentTransfer } from "../lab/clients/libtorrent.ts";
import { writeFiles } from "../lab/content.ts";
import type { Yard } from "./yard.ts";

const FILE_BYTES = 20_000_000;
const PIECE_BYTES = 262_144;

export type Seeding = Disposable & {
  readonly port: number;
  /** The torrent. */
  readonly file: string;
  readonly infoHash: string;
  /** As the seeder sees it, once it has begun. */
  begin(): Promise<LibtorrentTransfer>;
};

/** Several in one yard differ in their ports. */
export async function startSeeder(
  yard: Yard,
  options: Omit<LibtorrentOptions, "folder"> & { readonly trackers?: readonly string[] },
): Promise<Seeding> {
  const name = `seeder-${options.port ?? 0}`;
  const content = yard.newFolder(`${name}-content`);
  writeFiles(content, { [`${name}/one.bin`]: FILE_BYTES });
  const seeder = await Libtorrent.start(yard.outside, { folder: yard.newFolder(name), ...options });
  const file = yard.path(`${name}.torrent`);
  const { trackers = [], uploadBytesPerSecond = 0 } = options;
  const made = await seeder.create({
    path: join(content, name),
    output: file,
    format: "v1",
    pieceBytes: PIECE_BYTES,
    trackers,
  });
  return {
    port: seeder.port,
    file,
    infoHash: made.infoHashV1 ?? "",
    // A limit of the session would not hold: libtorrent has none for peers at private addresses.
    begin: async () => {
      const transfer = await seeder.add({ file }, content);
      await transfer.limitUpload(uploadBytesPerSecond);
      return transfer;
    },
    [Symbol.dispose]: () => seeder[Symbol.dispose](),
  };
}
