// What the person at the keyboard sees while a transfer runs, in a real terminal, with a peer that says hostile things.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeFiles } from "../lab/content.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";
import { SWARMGATE } from "../lab/swarmgate.ts";
import { Terminal } from "../lab/terminal.ts";
import { engineSeed } from "./engine-command.ts";

const SKIP = missing("ip", "tmux");
const ALONE = "--no-dht --no-lsd --no-trackers";

class Stage implements Disposable {
  readonly lab = Lab.create();
  readonly seedHost = this.lab.host("seed");
  readonly getHost = this.lab.host("get");
  readonly file = join(this.lab.folder, "a.torrent");
  readonly content = join(this.lab.folder, "content");

  constructor() {
    writeFiles(this.content, { "files/one.bin": 8_000_000, "files/two.bin": 1 });
    const make = ["torrent", "create", join(this.content, "files"), "-o", this.file, "--piece-length", "64K"];
    this.seedHost.run(SWARMGATE, make);
  }

  seed() {
    return engineSeed(this.seedHost, this.file, this.content, { port: 7001, transport: "tcp", encryption: "off" });
  }

  terminal(columns: number, rows: number, options: string): Terminal {
    mkdirSync(join(this.lab.folder, "home"), { recursive: true });
    const get = `${SWARMGATE} engine get ${this.file} --out ${join(this.lab.folder, "out")} ${ALONE} ${options}`;
    const home = `SWARMGATE_DATA=${join(this.lab.folder, "home")}`;
    return Terminal.open(columns, rows, `ip netns exec ${this.getHost.namespace} env ${home} ${get}`);
  }

  get remote(): string {
    return `${this.seedHost.address}:7001`;
  }

  [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}

test("the view has its title, progress, reason, pieces and peers, follows a resize, and Ctrl-C leaves a clean screen", {
  skip: SKIP,
}, async () => {
  using stage = new Stage();
  using _seed = await stage.seed();
  using terminal = stage.terminal(80, 24, `--peer ${stage.remote} --limit-down 300K`);
  const screen = await terminal.shows(/limited by --limit-down to 300 KiB\/s\n[^]* tcp$/m);
  assert.equal(screen[0], "files");
  assert.match(screen[1] ?? "", /^[█░]{25} \d+ % of 7\.6 MiB {2}↓ [\d.]+ KiB\/s ↑ 0 B\/s, \d+ (?:s|min) left$/);
  assert.match(screen[3] ?? "", /^\d+ of 124 pieces$/);
  assert.match(screen[4] ?? "", /^[·░▒▓█]{79}$/);
  assert.match(screen[6] ?? "", /^10\.77\.0\.1:7001 +Swarmgate 0\.1 +100 % ↓ [\d.]+ KiB\/s +↑ 0 B\/s +tcp$/);
  assert.equal(screen.length, 7);

  terminal.resize(40, 12);
  const narrow = await terminal.shows(/^[·█░▒▓]{39}$/m);
  assert.equal(narrow.filter((line) => line === "files").length, 1, "what was drawn before is gone");
  assert.match(narrow.join("\n"), /limited by --limit-down|as fast as it sends/);

  terminal.press("C-c");
  const after = await terminal.shows(/Interrupted[^]*ready>$/m);
  assert.doesNotMatch(after.join("\n"), /files|pieces|█/);
  terminal.type("echo sane\n");
  await terminal.shows(/^sane$/m);
});

test("on five rows there is still the reason, and the screen does not scroll", { skip: SKIP }, async () => {
  using stage = new Stage();
  using terminal = stage.terminal(30, 6, `--peer ${stage.seedHost.address}:9`);
  await terminal.shows(/none of 1 known peer could be\nreached \(last: [a-z-]+\)/);
  assert.equal(terminal.history().match(/none of 1 known/g)?.length, 1);
});

test("without a terminal the reason is a line, once", { skip: SKIP }, async () => {
  using stage = new Stage();
  const options = ["--peer", `${stage.seedHost.address}:9`, ...ALONE.split(" ")];
  const args = ["engine", "get", stage.file, "--out", join(stage.lab.folder, "out"), ...options];
  using get = stage.getHost.start(SWARMGATE, args);
  await get.printed(/could be reached \(last: refused\)/);
  await get.stop("SIGINT");
  assert.ok(!get.stderr.includes("\u001b"));
  assert.equal(get.stdout, "");
});

test("a tracker's words move no cursor", { skip: SKIP }, async () => {
  using stage = new Stage();
  const evil = "d14:failure reason24:\\x1b[2J\\x1b[H\\x1b]0;evil\\x07 is gonee";
  const serve = `require("node:http").createServer((q, s) => s.end(Buffer.from("${evil}", "latin1"))).listen(80, () => console.log("up"))`;
  using tracker = stage.seedHost.start(process.execPath, ["-e", serve]);
  await tracker.printed(/up/);
  const file = join(stage.lab.folder, "tracked.torrent");
  const content = join(stage.content, "files");
  const url = `http://${stage.seedHost.address}/announce`;
  stage.seedHost.run(SWARMGATE, ["torrent", "create", content, "-o", file, "--tracker", url]);
  const args = ["engine", "get", file, "--out", join(stage.lab.folder, "out"), "--no-dht", "--no-lsd"];
  using get = stage.getHost.start(SWARMGATE, args);
  await get.printed(/the tracker 10\.77\.0\.1 refused: .*is gone/);
  assert.doesNotMatch(get.stderr, /[^\P{Cc}\n]/u);
});
