// BEP 53: a magnet may name the files that are wanted, by the places that only the metadata gives them.

import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import type { FileRange } from "../../domain/metainfo/magnet.ts";
import { sha1 } from "../../domain/metainfo/piece-hash.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { parseTorrent } from "../../wire/metainfo/parse.ts";
import { SeededRandom } from "../../world/sim/random.ts";
import { add, eventsOf, PORT, TestWorld } from "../engine-under-test.ts";

const SEED = "10.0.0.1";
const LEECH = "10.0.0.2";
const PIECE_BYTES = 32 * 1024;
// The second file begins and ends within pieces that it shares.
const FILES = { first: 150_000, second: 90_000, none: 0, "third, none": 0, last: 200_000 };

function folder() {
  const random = new SeededRandom(5);
  const parts = Object.values(FILES).map((bytes) => Uint8Array.from({ length: bytes }, () => random.below(256)));
  const bytes = Buffer.concat(parts);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(sha1(bytes.subarray(at, at + PIECE_BYTES)));
  const files = Object.entries(FILES).map(([name, length]) => ({ length, path: [name] }));
  const info = { files, name: "folder", "piece length": PIECE_BYTES, pieces: Buffer.concat(pieces) };
  const parsed = parseTorrent(encode({ info }));
  truthy(parsed.ok);
  return { metainfo: parsed.value, parts };
}

async function chosen(selectOnly: readonly FileRange[]) {
  const world = new TestWorld();
  const { metainfo, parts } = folder();
  for (const [n, name] of Object.keys(FILES).entries()) {
    truthy(world.disk(SEED).replace(`/downloads/folder/${name}`, parts[n] ?? new Uint8Array()).ok);
  }
  add(await world.engine(SEED), { metainfo, bytes: new Uint8Array() });
  const { infoHashV1 } = metainfo;
  const names = { infoHashV1, infoHashV2: undefined, displayName: undefined };
  const torrent = add(
    await world.engine(LEECH),
    { metainfo, bytes: new Uint8Array() },
    {
      source: { kind: "magnet", magnet: { ...names, trackers: [], webSeeds: [], peers: [], selectOnly, ignored: [] } },
      peers: [{ host: SEED, port: PORT }],
      seedAfter: false,
    },
  );
  const events = eventsOf(torrent);
  truthy(await world.until(() => events.some(({ type }) => type === "finished" || type === "stopped")));
  const fileOf = (name: string) => world.disk(LEECH).contentOf(`/downloads/folder/${name}`)?.now;
  return { torrent, fileOf, parts };
}

test("a magnet that selects files fetches those, and no piece that holds none of them", async () => {
  const { torrent, fileOf, parts } = await chosen([
    { first: 1, last: 2 },
    { first: 1, last: 1 },
  ]);
  deepEqual(fileOf("second"), parts[1]);
  equal(fileOf("none")?.length, 0);
  equal(fileOf("third, none"), undefined);
  const status = torrent.status();
  deepEqual([status.bytesDone, status.bytesWanted], [FILES.second, FILES.second]);
  // Of 150,000 to 240,000: the fifth piece to the eighth.
  equal(status.piecesDone, 4);
  equal(status.bytesDown, 4 * PIECE_BYTES);
});

test("a selection may reach past the last file, but must name one", async () => {
  const { fileOf, parts } = await chosen([{ first: 4, last: 2 ** 31 }]);
  deepEqual(fileOf("last"), parts[4]);
  const { torrent } = await chosen([{ first: 5, last: 9 }]);
  const { state } = torrent.status();
  equal(state.at === "stopped" && state.why.code, "metainfo.magnet_invalid");
  equal(torrent.status().bytesDown, 0);
});
