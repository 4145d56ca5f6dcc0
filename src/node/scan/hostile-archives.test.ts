import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { eicarBytes } from "./eicar.ts";
import { endRecord, forgeAr, forgeTar, forgeZip } from "./forge.ts";
import { assertVerdict, verdictOf } from "./scan-under-test.ts";

const eicar = eicarBytes();
const innocent = Buffer.from("Nothing to see here, only words.\n".repeat(20));

function zipped(name: string, content: Uint8Array): Buffer {
  return forgeZip([{ name, content }]);
}

function xzOf(content: Uint8Array): Buffer {
  return execFileSync("xz", ["-c"], { input: content, maxBuffer: 1 << 30 });
}

test("an honest file of each kind is clean", async () => {
  await assertVerdict(innocent, "readme.txt", "clean");
  await assertVerdict(new Uint8Array(0), "empty", "clean");
  await assertVerdict(zipped("a/b.txt", innocent), "a.zip", "clean");
  await assertVerdict(gzipSync(innocent), "a.txt.gz", "clean");
  await assertVerdict(zstdCompressSync(innocent), "a.txt.zst", "clean");
  await assertVerdict(xzOf(innocent), "a.txt.xz", "clean");
  const tar = forgeTar([
    { name: "d/", type: "5" },
    { name: "d/f.txt", content: innocent },
    { name: "d/link", type: "2", target: "f.txt" },
  ]);
  await assertVerdict(tar, "a.tar", "clean");
  await assertVerdict(gzipSync(tar), "a.tar.gz", "clean");
});

test("the EICAR test file is infected under any name", async () => {
  for (const name of ["eicar.com", "eicar.txt", "x"]) await assertVerdict(eicar, name, "infected", "eicar_test_file");
});

test("H110: EICAR is found in a zip, a nested zip, a second gzip member and a mail", async () => {
  await assertVerdict(zipped("e.com", eicar), "a.zip", "infected", "eicar_test_file");
  await assertVerdict(zipped("b.zip", zipped("e.com", eicar)), "a.zip", "infected", "eicar_test_file");
  await assertVerdict(Buffer.concat([gzipSync(innocent), gzipSync(eicar)]), "a.gz", "infected", "eicar_test_file");
  const mail = [
    "From: a@example.org",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="x"',
    "",
    "--x",
    'Content-Disposition: attachment; filename="e.zip"',
    "Content-Transfer-Encoding: base64",
    "",
    zipped("e.com", eicar)
      .toString("base64")
      .replaceAll(/(.{60})/gu, "$1\r\n"),
    "--x--",
    "",
  ].join("\r\n");
  await assertVerdict(Buffer.from(mail), "a.eml", "infected", "eicar_test_file");
});

test("EICAR is found in tar, Debian package, xz and zstd, and the verdict says where", async () => {
  const tar = forgeTar([{ name: "usr/bin/e", content: eicar }]);
  const deb = forgeAr([
    { name: "debian-binary", content: Buffer.from("2.0\n") },
    { name: "data.tar.xz", content: xzOf(tar) },
  ]);
  const verdict = await verdictOf(deb, "p.deb");
  assert.equal(verdict.outcome, "infected");
  assert.deepEqual(verdict.within, ["data.tar.xz", "data.tar", "usr/bin/e"]);
  await assertVerdict(zstdCompressSync(tar), "a.tar.zst", "infected");
});

test("H112, H117: what unpacks to far more than its size is unscanned", async () => {
  await assertVerdict(zipped("zeros", Buffer.alloc(3_000_000)), "a.zip", "unscanned", "scan.ratio_over_limit");
  await assertVerdict(gzipSync(Buffer.alloc(3_000_000)), "a.gz", "unscanned", "scan.ratio_over_limit");
});

test("H114: an archive nested twenty deep is unscanned", async () => {
  let nested: Buffer = Buffer.from(innocent);
  for (let depth = 0; depth < 20; depth += 1) nested = zipped("inner.zip", nested);
  await assertVerdict(nested, "a.zip", "unscanned", "scan.depth_over_limit");
});

test("H115: 10,001 entries are unscanned", async () => {
  const entries = Array.from({ length: 10_001 }, (_, index) => ({
    name: `f${index}`,
    content: innocent.subarray(0, 8),
  }));
  await assertVerdict(forgeZip(entries), "a.zip", "unscanned", "scan.entries_over_limit");
});

test("H116: entries that share one body are suspicious and never unpacked", async () => {
  const entries = [
    { name: "a", content: innocent },
    { name: "b", content: innocent, bodyOf: 0 },
  ];
  await assertVerdict(forgeZip(entries), "a.zip", "suspicious");
});

test("H118: a zombie, declared stored but deflated, is opened all the same", async () => {
  const packed = zipped("e.com", eicar);
  const deflated = packed.subarray(30 + 5, packed.indexOf(Buffer.from([0x50, 0x4b, 1, 2])));
  const zombie = forgeZip([{ name: "e.com", content: eicar, method: 0, stored: deflated }]);
  await assertVerdict(zombie, "a.zip", "infected", "eicar_test_file");
});

test("H119: a local header that differs from the table of contents is suspicious", async () => {
  const renamed = forgeZip([{ name: "a.txt", content: innocent, local: { name: "b.exe" } }]);
  await assertVerdict(renamed, "a.zip", "suspicious", "zip.headers_differ");
  const method = forgeZip([{ name: "a.txt", content: innocent, local: { method: 0 } }]);
  await assertVerdict(method, "a.zip", "suspicious", "zip.headers_differ");
});

test("H120: two end records are suspicious, and so is an entry that no table names", async () => {
  const zip = zipped("a.txt", innocent);
  const table = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  const twice = Buffer.concat([
    zip,
    zip.subarray(table, zip.length - 22),
    endRecord(1, zip.length - 22 - table, zip.length),
  ]);
  assert.notEqual((await verdictOf(twice, "a.zip")).outcome, "clean");
  const hidden = forgeZip([{ name: "a.txt", content: innocent }], { prefix: zipped("e.com", innocent) });
  await assertVerdict(hidden, "a.zip", "suspicious", "zip.hidden_entry");
  const second = Buffer.concat([zip, Buffer.from("ab"), endRecord(0, 0, 0)]);
  await assertVerdict(second, "a.zip", "suspicious");
});

test("H121: sizes and sums that lie are suspicious", async () => {
  const size = forgeZip([
    { name: "a.txt", content: innocent, central: { unpackedBytes: 5 }, local: { unpackedBytes: 5 } },
  ]);
  await assertVerdict(size, "a.zip", "suspicious", "zip.content_differs");
  const sum = forgeZip([{ name: "a.txt", content: innocent, central: { crc: 7 }, local: { crc: 7 } }]);
  await assertVerdict(sum, "a.zip", "suspicious", "zip.content_differs");
});

test("H122: an encrypted entry is unscanned, never clean", async () => {
  const zip = forgeZip([{ name: "a.txt", content: innocent, central: { flags: 1 } }]);
  assert.notEqual((await verdictOf(zip, "a.zip")).outcome, "clean");
});

test("H123: slips, links out of the folder, devices and files behind links are suspicious", async () => {
  await assertVerdict(zipped("../../etc/cron.d/x", innocent), "a.zip", "suspicious", "container.path_escapes");
  await assertVerdict(zipped("..\\..\\x", innocent), "a.zip", "suspicious", "container.path_escapes");
  const link = forgeZip([{ name: "l", content: Buffer.from("/etc/passwd"), unixMode: 0o120777 }]);
  await assertVerdict(link, "a.zip", "suspicious", "container.link_escapes");
  const tars: [Parameters<typeof forgeTar>[0], string][] = [
    [[{ name: "/etc/x", content: innocent }], "container.path_escapes"],
    [[{ name: "a/../../x", content: innocent }], "container.path_escapes"],
    [[{ name: "l", type: "2", target: "/etc" }], "container.link_escapes"],
    [[{ name: "a/l", type: "2", target: "../../x" }], "container.link_escapes"],
    [[{ name: "h", type: "1", target: "../x" }], "container.link_escapes"],
    [[{ name: "d", type: "3" }], "container.device_entry"],
    [
      [
        { name: "d", type: "2", target: "b" },
        { name: "d/x", content: innocent },
      ],
      "container.path_escapes",
    ],
  ];
  for (const [entries, reason] of tars) await assertVerdict(forgeTar(entries), "a.tar", "suspicious", reason);
});

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("H124: a picture that is a zip as well is suspicious, and what the zip holds is still looked at", async () => {
  await assertVerdict(PNG, "a.png", "clean");
  await assertVerdict(
    forgeZip([{ name: "t", content: innocent }], { prefix: PNG }),
    "a.png",
    "suspicious",
    "type.two_in_one",
  );
  await assertVerdict(forgeZip([{ name: "t", content: eicar }], { prefix: PNG }), "a.png", "infected");
});

test("H125: a program or archive under a document's name is suspicious", async () => {
  const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), Buffer.alloc(64)]);
  await assertVerdict(elf, "paper.pdf", "suspicious", "type.program_masquerade");
  await assertVerdict(elf, "tool", "clean");
  await assertVerdict(Buffer.concat([Buffer.from("#!/bin/sh\n"), innocent]), "song.mp3", "suspicious");
  await assertVerdict(zipped("a.txt", innocent), "photo.jpg", "suspicious", "type.archive_masquerade");
  await assertVerdict(zipped("photo.jpg", elf), "a.zip", "suspicious", "type.program_masquerade");
});

test("H126: an office document with macros is suspicious", async () => {
  const content = Buffer.from("macro");
  const docx = forgeZip([
    { name: "[Content_Types].xml", content: Buffer.from("<Types/>") },
    { name: "word/vbaProject.bin", content },
  ]);
  await assertVerdict(docx, "letter.docx", "suspicious", "office.macro");
});

test("H127: double extensions, direction tricks and shortcuts that run scripts are suspicious", async () => {
  await assertVerdict(innocent, "invoice.pdf.exe", "suspicious", "name.double_extension");
  await assertVerdict(innocent, "invoice.pdf   .scr", "suspicious", "name.double_extension");
  await assertVerdict(innocent, "invoice\u202Efdp.exe", "suspicious", "name.direction_trick");
  await assertVerdict(zipped("x.doc.js", innocent), "a.zip", "suspicious", "name.double_extension");
  const lnk = Buffer.concat([
    Buffer.from([0x4c, 0, 0, 0, 1, 0x14, 2, 0]),
    Buffer.alloc(80),
    Buffer.from("C:\\Windows\\System32\\cmd.exe /c x", "utf16le"),
  ]);
  await assertVerdict(lnk, "Holiday.lnk", "suspicious", "shortcut_runs_script");
});

test("a format that is not opened, a damaged archive and trailing data are not clean", async () => {
  await assertVerdict(Buffer.from("377abcaf271c0004", "hex"), "a.7z", "unscanned", "scan.format_unopened");
  await assertVerdict(gzipSync(innocent).subarray(0, 20), "a.gz", "unscanned", "gzip.damaged");
  await assertVerdict(
    Buffer.concat([gzipSync(innocent), Buffer.alloc(8), innocent]),
    "a.gz",
    "suspicious",
    "container.trailing_data",
  );
});
