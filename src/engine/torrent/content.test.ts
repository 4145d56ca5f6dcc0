import { deepEqual, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { sampleTorrent } from "../engine-under-test.ts";
import { Content } from "./content.ts";

for (const format of ["v1", "v2"] as const) {
  test(`what a piece of a ${format} torrent must hash to crosses to a disk thread without the torrent around it`, () => {
    const { metainfo } = sampleTorrent({ format, bytes: 300 * 16 * 1024, pieceBytes: 16 * 1024 });
    const expectation = new Content(metainfo).expectation(299);
    truthy(expectation);
    const { sha1, root } = expectation;
    const hashes = [sha1, root?.hash].filter((hash) => hash !== undefined);
    deepEqual(
      hashes.map((hash) => hash.buffer.byteLength),
      [format === "v1" ? 20 : 32],
    );
  });
}
