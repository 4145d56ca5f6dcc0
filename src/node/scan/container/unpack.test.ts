import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { MemorySource } from "../source.ts";
import { unpackBzip2 } from "./bzip2.ts";
import { BrokenContainer, UnopenedFormat } from "./container.ts";
import { unpackXz } from "./xz.ts";

const noXz = existsSync("/usr/bin/xz") ? false : "xz is not installed";
const noBzip2 = existsSync("/bin/bzip2") ? false : "bzip2 is not installed";
const DICTIONARY_BYTES_MAX = 128 * 1024 * 1024;

function pack(tool: string, options: readonly string[], content: Uint8Array): Buffer {
  return execFileSync(tool, ["-c", ...options], { input: content, maxBuffer: 1 << 30 });
}

function digest(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Words, runs, noise and zeros in turn: every kind of chunk and every reset. */
function mixture(): Buffer {
  const parts = Array.from({ length: 30 }, (_, index) => [
    Buffer.from(`line ${index} of the text\n`.repeat(100 + index * 40)),
    randomBytes(1 + index * 997),
    Buffer.alloc(index * 1_003, index),
  ]);
  return Buffer.concat(parts.flat());
}

const contents: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from("a"),
  Buffer.alloc(300_000),
  mixture(),
  readFileSync(process.execPath).subarray(0, 1_000_000),
];

test("what xz packs unpacks to the same bytes, in every form that it writes", { skip: noXz }, () => {
  const forms = [
    ["-0"],
    ["-6"],
    ["-9e"],
    ["--lzma2=lc=0,lp=4,pb=0"],
    ["--lzma2=lc=3,lp=1,pb=4,dict=64KiB"],
    ["--block-size=100000"],
    ["--check=none"],
    ["--check=sha256"],
  ];
  for (const content of contents) {
    for (const form of forms) {
      const packed = new MemorySource(pack("xz", form, content));
      assert.equal(
        digest(unpackXz(packed, DICTIONARY_BYTES_MAX)),
        digest([content]),
        `${form.join(" ")} ${content.length}`,
      );
    }
  }
});

test("what bzip2 packs unpacks to the same bytes", { skip: noBzip2 }, () => {
  for (const content of contents) {
    for (const form of ["-1", "-9"]) {
      const packed = new MemorySource(pack("bzip2", [form], content));
      assert.equal(digest(unpackBzip2(packed)), digest([content]), `${form} ${content.length}`);
    }
  }
});

test("several streams one after the other are all unpacked", { skip: noXz || noBzip2 }, () => {
  const [a, b] = [Buffer.from("first"), Buffer.from("second")];
  const xz = Buffer.concat([pack("xz", [], a), Buffer.alloc(8), pack("xz", [], b)]);
  assert.equal(digest(unpackXz(new MemorySource(xz), DICTIONARY_BYTES_MAX)), digest([a, b]));
  const bzip2 = Buffer.concat([pack("bzip2", [], a), pack("bzip2", [], b)]);
  assert.equal(digest(unpackBzip2(new MemorySource(bzip2))), digest([a, b]));
});

test("damaged data is refused or unpacks to something, but never crashes or hangs", { skip: noXz || noBzip2 }, () => {
  const content = mixture().subarray(0, 20_000);
  const unpackers = [
    { packed: pack("xz", [], content), unpack: (source: MemorySource) => unpackXz(source, DICTIONARY_BYTES_MAX) },
    { packed: pack("bzip2", [], content), unpack: unpackBzip2 },
  ];
  for (const { packed, unpack } of unpackers) {
    const damage = fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(packed.length), (changes, cut) => {
        const damaged = Buffer.from(packed.subarray(0, packed.length - (cut % 3 === 0 ? cut : 0)));
        for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
        try {
          let bytes = 0;
          for (const part of unpack(new MemorySource(damaged))) {
            bytes += part.length;
            if (bytes > 10_000_000) break;
          }
        } catch (thrown) {
          assert.ok(thrown instanceof BrokenContainer || thrown instanceof UnopenedFormat, String(thrown));
        }
      }),
      { numRuns: 150 },
    );
  }
});
