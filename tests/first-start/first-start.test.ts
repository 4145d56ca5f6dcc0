// A newcomer's first minutes: a fresh clone, two commands, a link that works, a stop and a start with nothing lost.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../lab/deadline.ts";
import { Institution } from "../lab/institution.ts";
import { Lab } from "../lab/lab.ts";
import { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { runCommand, startCommand } from "../lab/swarmgate.ts";
import { cloneInto, newcomersEnvironment } from "./fresh-clone.ts";

const skip = missing("ip", "npm");
const INSTALL_MS_MAX = 180_000;

let scratch = "";
before(() => {
  scratch = mkdtempSync(join(tmpdir(), "swarmgate-first-"));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

test("npm ci and npm start give a running portal and node, and a second start has lost nothing", { skip }, async () => {
  using lab = Lab.create();
  const host = lab.host("machine");
  const clone = join(scratch, "clone");
  const home = join(scratch, "home");
  mkdirSync(home);
  cloneInto(clone);
  const env = newcomersEnvironment(home);
  using install = new Program("npm", ["ci", "--prefer-offline"], { cwd: clone, env, onlyEnv: true });
  assert.equal((await install.end(INSTALL_MS_MAX)).code, 0, install.tail());

  const start = (): Promise<Institution> =>
    Institution.attach(host.start("npm", ["start"], { cwd: clone, env, onlyEnv: true }), host, home, lab.folder);
  let token = "";
  {
    using institution = await start();
    token = await institution.signInByLink();
    const page = await institution.page("/");
    assert.equal(page.status, 200);
    assert.match(page.text, /<div id="root">|<main/);
    const body = { login: "mia", name: "Mia Member", roles: ["member"] };
    assert.equal((await institution.api("POST", "/api/v1/people", { token, body })).status, 200);
    await institution.stop();
  }
  {
    using institution = await start();
    const people = await institution.api("GET", "/api/v1/people", { token });
    assert.equal(people.status, 200, "the session outlives the restart");
    assert.match(JSON.stringify(people.body), /Mia Member/);
    const devices = await institution.api("GET", "/api/v1/devices", { token });
    assert.equal((devices.body["devices"] as unknown[]).length, 1, "the machine joined once");
    await institution.stop();
  }
});

test("up --demo offers a member, a reviewer and torrents that can be asked for", { skip }, async () => {
  using lab = Lab.create();
  const data = join(lab.folder, "data");
  mkdirSync(data);
  using institution = await Institution.start(lab.host("machine"), data, lab.folder, ["--demo"]);
  const token = await institution.signInByLink();
  const offered = await until("the demo's torrents are offered", async () => {
    const { body } = await institution.api("GET", "/api/v1/suggestions", { token });
    const list = body["suggestions"] as { name: string }[];
    return list.length >= 2 && list;
  });
  assert.ok(offered.length >= 2);
});

test("a misspelt command says what was meant", { skip }, async () => {
  using lab = Lab.create();
  const outcome = await runCommand(lab.host("machine"), lab.folder, ["gte", "x"]);
  assert.equal(outcome.code, 2);
  assert.match(outcome.stdout + outcome.stderr, /get/);
});

test("a port that is taken, a second process and a folder that cannot be written are told plainly", {
  skip,
}, async () => {
  using lab = Lab.create();
  const host = lab.host("machine");
  const data = join(lab.folder, "data");
  mkdirSync(data);
  using first = await Institution.start(host, data, lab.folder);
  assert.ok(first.url.length > 0);

  using second = startCommand(host, data, ["up", "--data", data, "--port", "7800"]);
  assert.equal((await second.end(20_000)).code, 1, second.tail());
  assert.match(second.stderr, /another|already|second/i);

  const other = join(lab.folder, "other");
  mkdirSync(other);
  using taken = startCommand(host, other, ["up", "--data", other, "--port", "7700"]);
  assert.equal((await taken.end(20_000)).code, 1, taken.tail());
  assert.match(taken.stderr, /7700/);

  const file = join(lab.folder, "a-file");
  writeFileSync(file, "");
  using unwritable = startCommand(host, other, ["up", "--data", join(file, "data"), "--port", "7801"]);
  assert.equal((await unwritable.end(20_000)).code, 1, unwritable.tail());
  assert.match(unwritable.stderr, /a-file/);
});
