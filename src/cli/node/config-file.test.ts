import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConfigFile } from "./config-file.ts";

const folder = mkdtempSync(join(tmpdir(), "swarmgate-config-"));
after(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, "node.json");
  writeFileSync(path, text);
  return readConfigFile(path);
}

test("the options of a node are read from a file", () => {
  const options = { library: "/srv/library", listen: "10.0.0.1:6881", trackers: "public", clamd: "127.0.0.1:3310" };
  assert.deepEqual(read(JSON.stringify(options)), { ok: true, value: options });
});

test("a misspelt option, a wrong type and what is not JSON are refused with the place", () => {
  for (const text of ['{"libary":"/srv"}', '{"listen":6881}', "[]", "library = /srv", ""]) {
    const result = read(text);
    assert.ok(!result.ok, text);
    assert.equal(result.error.code, "cli.usage_wrong");
  }
});

test("a file that is not there is named", () => {
  const result = readConfigFile(join(folder, "missing.json"));
  assert.ok(!result.ok);
  assert.equal(result.error.code, "cli.file_missing");
});
