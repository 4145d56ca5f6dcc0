// The bare engine's command as a shell runs it: pipes that close, disks without room for its output, two at once.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { missing } from "../lab/requirements.ts";
import { SWARMGATE } from "../lab/swarmgate.ts";

const ALONE = "--no-dht --no-lsd --no-trackers";

/** A folder with content and its torrent, and a shell in it. */
function stage(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "shell-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "content"));
  for (const name of ["one", "two", "three"]) writeFileSync(join(folder, "content", name), name.repeat(20_000));
  const run = (script: string) => {
    const env = { ...process.env, SWARMGATE, SWARMGATE_DATA: join(folder, "home") };
    const ended = spawnSync("bash", ["-c", script], { cwd: folder, env, encoding: "utf8", timeout: 60_000 });
    return { stdout: ended.stdout, stderr: ended.stderr, code: ended.status };
  };
  assert.equal(run("$SWARMGATE torrent create content -o a.torrent --piece-length 16K").code, 0);
  return { folder, run };
}

test("when nobody reads its events any more, a download stops in order and without a stack trace", (t) => {
  const { folder, run } = stage(t);
  const get = `$SWARMGATE engine get a.torrent --out out ${ALONE} --listen 127.0.0.1:0`;
  const events = run(`${get} --json | head -1; echo \${PIPESTATUS[0]}`);
  assert.match(events.stdout, /^\{"event":"started".*\}\n1\n$/);
  assert.equal(events.stderr, "Interrupted. Run the same command again to go on where it stopped.\n");
  assert.ok(readdirSync(join(folder, "out", ".swarmgate")).some((name) => name.endsWith(".resume")));

  const log = run(`${get} 2>&1 >/dev/null | head -1; echo \${PIPESTATUS[0]}`);
  assert.match(log.stdout, /^[^\n]+\n1\n$/);
});

test("a short command whose output nobody reads ends quietly; one whose output has no room says so", (t) => {
  const { run } = stage(t);
  const closed = run("( sleep 1; $SWARMGATE torrent show a.torrent; echo $? >&2 ) | true");
  assert.equal(closed.stderr, "141\n");
  const full = run("$SWARMGATE torrent show a.torrent > /dev/full");
  assert.equal(full.code, 1);
  assert.match(
    full.stderr,
    /^What the command had to say could not be written: the disk is full\.\n.*\n\(cli\.output_lost\)\n$/,
  );
});

test("what is no torrent file is told by what it is", (t) => {
  const { run } = stage(t);
  const show = (what: string) => run(`$SWARMGATE torrent show '${what}'`);
  assert.match(show("https://t.example/a.torrent").stderr, /is an address; save the torrent file first/);
  assert.equal(show("https://t.example/a.torrent").code, 2);
  assert.match(show("magnet:xt=urn:btih:00").stderr, /does not begin with magnet:\?/);
  assert.match(show("/dev/null").stderr, /is not a torrent file/);
  assert.match(show("a.torrent/x").stderr, /^There is no file or folder at a\.torrent\/x/);
});

test("a torrent file that may not be read is told as such", { skip: missing("setpriv") }, (t) => {
  const { folder, run } = stage(t);
  chmodSync(join(folder, "a.torrent"), 0o000);
  chmodSync(folder, 0o755);
  const shown = run("setpriv --reuid 65534 --clear-groups $SWARMGATE torrent show a.torrent");
  assert.match(shown.stderr, /^a\.torrent cannot be read: you have no permission\.\n/);
  assert.equal(shown.code, 1);
});

test("H150: a second download of a torrent into the same folder is refused, also after the first one was killed", (t) => {
  const { folder, run } = stage(t);
  const get = `$SWARMGATE engine get a.torrent --out out ${ALONE}`;
  const first = `${get} --listen 127.0.0.1:0 --json > first & while ! grep -q '"checked"' first; do sleep 0.1; done`;
  const two = run(`${first}; ${get}; echo $?; kill -INT $!; wait $!; echo $?`);
  assert.equal(two.stdout, "1\n1\n");
  assert.match(two.stderr, /^Another process is fetching the same torrent into out\.\n/);
  assert.deepEqual(
    readdirSync(join(folder, "out", ".swarmgate")).filter((name) => name.includes("lock")),
    [],
  );

  const killed = run(`${first}; kill -9 $!; wait $!; timeout -s INT 5 ${get} --json | grep -c '"checked"'`);
  assert.equal(killed.stdout, "1\n");
});
