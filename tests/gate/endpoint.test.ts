// Software restriction: whether each format of rules is what its readers expect.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { printable } from "../../src/base/printable.ts";
import { CLIENTS } from "../../src/gate/endpoint/clients.ts";
import type { Blocked } from "../../src/gate/endpoint/rules/blocked.ts";
import { RULE_FORMATS, ruleFile } from "../../src/gate/endpoint/rules/rule-files.ts";
import { readSample, type Sample, sampleOf } from "../../src/gate/endpoint/rules/sample.ts";
import { missing } from "../lab/requirements.ts";

const needsPython = { skip: missing("python3") };

/** What Python's own parser makes of a text. */
function parsed(script: string, text: string): string {
  return execFileSync("/usr/bin/python3", ["-c", script], { input: text, encoding: "utf8" }).trim();
}

test("the table knows at least forty clients, each by a name on some system, and none twice", () => {
  assert.ok(CLIENTS.length >= 40);
  assert.equal(new Set(CLIENTS.map((client) => client.name)).size, CLIENTS.length);
  for (const { name, applications, packages, linux, windows, mac, flatpak, snap } of CLIENTS) {
    assert.ok(applications.length > 0, name);
    assert.ok(
      [packages, linux, windows, mac, flatpak, snap].some((names) => (names?.length ?? 0) > 0),
      name,
    );
  }
});

const SAMPLE: Sample = { name: 'odd "<name>"', bytes: 12, sha256: "ab".repeat(32), authenticode: "cd".repeat(32) };
const EVERYTHING: Blocked = { clients: CLIENTS, samples: [SAMPLE] };

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "swarmgate-rules-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Throws with xmllint's own words where the text does not follow the schema. */
function followsSchema(t: TestContext, schema: string, text: string): void {
  const file = join(scratch(t), "rules.xml");
  writeFileSync(file, text);
  const path = join(import.meta.dirname, "schemas", schema);
  execFileSync("xmllint", ["--noout", "--nonet", "--schema", path, file], { stdio: ["ignore", "ignore", "pipe"] });
}

// Not among the packages that the tests install: at the next start it would watch over the whole machine.
const hasFapolicyd = missing("fapolicyd", "unshare", "setpriv") === false;

test("fapolicyd rules have the form of fapolicyd.rules(5), and where it is there the daemon itself loads every one", (t) => {
  const text = ruleFile("fapolicyd", EVERYTHING);
  const rules = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  for (const rule of rules) {
    assert.match(rule, /^deny_audit perm=execute all : (path=\/[\w./+@-]+|sha256hash=[0-9a-f]{64})$/);
  }
  assert.ok(rules.includes("deny_audit perm=execute all : path=/usr/bin/qbittorrent"));
  assert.ok(rules.includes(`deny_audit perm=execute all : sha256hash=${SAMPLE.sha256}`));
  if (!hasFapolicyd) return;
  const folder = scratch(t);
  assert.match(loadedByFapolicyd(folder, text), new RegExp(`^Loaded ${rules.length} rules$`, "m"));
  assert.match(loadedByFapolicyd(folder, `${text}deny_audit perm=execute all : bogus=/x\n`), /unknown in line/);
});

// It reads its rules first; without this capability it can watch nothing, and ends.
function loadedByFapolicyd(folder: string, rules: string): string {
  cpSync("/etc/fapolicyd", folder, { recursive: true });
  writeFileSync(join(folder, "compiled.rules"), rules);
  const daemon = "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin fapolicyd --debug --permissive";
  const script = `mount --bind "$1" /etc/fapolicyd && exec ${daemon}`;
  const options = { encoding: "utf8", timeout: 20_000 } as const;
  const ran = spawnSync("unshare", ["--mount", "sh", "-c", script, "sh", folder], options);
  return ran.stdout + ran.stderr;
}

test("no name of a client or a file makes a rule of its own in any format", needsPython, () => {
  const evil = 'x\n" /><Deny ID="ID_DENY_X" \'; DROP TABLE --]]></string>';
  const client = {
    name: evil,
    applications: ["bittorrent"],
    linux: [`a b\nallow all : all`],
    windows: [evil],
    mac: [evil],
  } as const;
  const sample = { ...SAMPLE, name: printable(evil) };
  const blocked = { clients: [client], samples: [sample] };
  const lines = ruleFile("fapolicyd", { clients: [{ ...client, name: "x" }], samples: [sample] }).split("\n");
  assert.deepEqual(
    lines.filter((line) => line !== "" && !line.startsWith("#")),
    [`deny_audit perm=execute all : sha256hash=${SAMPLE.sha256}`],
  );
  for (const format of RULE_FORMATS)
    assert.equal(ruleFile(format, blocked), ruleFile(format, blocked), "the same twice");
  const denied = parsed(`${READ_XML}print(len(d.getElementsByTagName("Deny")))`, ruleFile("wdac", blocked));
  assert.equal(denied, "2");
  const query = osqueryPack(blocked).queries["peer_to_peer_running"]?.query ?? "";
  assert.ok(query.includes("''; drop table"), "the quote is doubled");
});

const READ_XML = "import sys,xml.dom.minidom as m;d=m.parse(sys.stdin);";

test("AppLocker rules follow its schema, deny clients by path and finds by hash, and allow the rest", {
  skip: missing("xmllint"),
}, (t) => {
  const text = ruleFile("applocker", EVERYTHING);
  followsSchema(t, "applocker.xsd", text);
  assert.match(text, /Path="\*\\utorrent\.exe"/);
  assert.match(text, new RegExp(`Data="0x${"CD".repeat(32)}" SourceFileName="odd &quot;&lt;name&gt;&quot;"`));
  assert.equal(text.match(/Action="Allow"/g)?.length, 1);
});

test("a WDAC policy follows its schema, in which every reference names a rule", { skip: missing("xmllint") }, (t) => {
  const text = ruleFile("wdac", EVERYTHING);
  followsSchema(t, "sipolicy.xsd", text);
  assert.ok((text.match(/<Deny /g)?.length ?? 0) > 40);
  assert.throws(() =>
    followsSchema(
      t,
      "sipolicy.xsd",
      text.replace('<FileRuleRef RuleID="ID_ALLOW_ALL" />', '<FileRuleRef RuleID="ID_ALLOW_OTHER" />'),
    ),
  );
});

test(
  "Santa's profile blocks by signer where one is known, by hash, and by a pattern that matches nothing beside",
  needsPython,
  () => {
    const script = `import sys,plistlib,json
p=plistlib.loads(sys.stdin.buffer.read());c=p["PayloadContent"][0]
print(json.dumps([p["PayloadType"],c["PayloadType"],c["BlockedPathRegex"],c["StaticRules"]]))`;
    const [outer, inner, regex, rules]: [string, string, string, object[]] = JSON.parse(
      parsed(script, ruleFile("santa", EVERYTHING)),
    );
    assert.deepEqual([outer, inner], ["Configuration", "com.northpolesec.santa"]);
    assert.deepEqual(rules, [
      { identifier: "5DPYRBHEAR:org.m0k.transmission", policy: "BLOCKLIST", rule_type: "SIGNINGID" },
      { identifier: "SNBT6M4A7T", policy: "BLOCKLIST", rule_type: "TEAMID" },
      { identifier: SAMPLE.sha256, policy: "BLOCKLIST", rule_type: "BINARY" },
    ]);
    const pattern = new RegExp(regex);
    assert.match("/Applications/Nicotine+.app/Contents/MacOS/Nicotine+", pattern);
    assert.match("/Users/eve/Downloads/Transmission.app/Contents/MacOS/Transmission", pattern);
    assert.doesNotMatch("/Applications/Safari.app/Contents/MacOS/Safari", pattern);
  },
);

type Pack = { readonly queries: Readonly<Record<string, { readonly query: string }>> };

function osqueryPack(blocked: Blocked): Pack {
  return JSON.parse(ruleFile("osquery", blocked));
}

test("the osquery pack's queries find the clients of each system and nothing else, on SQLite as osquery has it", () => {
  using tables = new DatabaseSync(":memory:");
  for (const table of [
    "processes(pid,name,path)",
    "process_open_sockets(pid,protocol,local_port)",
    "deb_packages(name,version)",
    "rpm_packages(name,version)",
    "programs(name,version,publisher,install_location)",
    "apps(name,path,bundle_identifier)",
    "hash(path,sha256)",
  ]) {
    tables.exec(`CREATE TABLE ${table}`);
  }
  tables.exec(`INSERT INTO processes VALUES (1,'qBittorrent.exe','C:\\q.exe'),(2,'Transmission','/A'),(3,'bash','/bin/bash'),(4,'notes','/n');
    INSERT INTO deb_packages VALUES ('amule','2'),('bash','5'); INSERT INTO rpm_packages VALUES ('aria2','1'),('zsh','5');
    INSERT INTO programs VALUES ('qBittorrent 5.0.1','5','','C:'),('Word','1','','C:');
    INSERT INTO apps VALUES ('Renamed.app','/R','org.m0k.transmission'),('Folx.app','/F','x'),('Safari.app','/S','y');
    INSERT INTO hash VALUES ('/n','${SAMPLE.sha256}'),('/bin/bash','00')`);
  const found = Object.values(osqueryPack(EVERYTHING).queries).map(({ query }) =>
    tables
      .prepare(query)
      .all()
      .map((row) => String(row["name"] ?? row["path"])),
  );
  assert.deepEqual(found, [
    ["qBittorrent.exe", "Transmission"],
    ["amule"],
    ["aria2"],
    ["qBittorrent 5.0.1"],
    ["Renamed.app", "Folx.app"],
    ["/n"],
  ]);
});

/** The smallest Windows program of each width, unsigned. */
function smallProgram(width: 32 | 64): Buffer {
  const file = Buffer.alloc(1_024, 0x90);
  file.fill(0, 0, 512);
  file.write("MZ", 0, "latin1");
  file.writeUInt32LE(64, 0x3c);
  file.write("PE\0\0", 64, "latin1");
  file.writeUInt16LE(width === 32 ? 0x14c : 0x8664, 68);
  file.writeUInt16LE(width === 32 ? 224 : 240, 84);
  file.writeUInt16LE(width === 32 ? 0x10b : 0x20b, 88);
  file.writeUInt32LE(512, 88 + 60);
  file.writeUInt32LE(16, 88 + (width === 32 ? 92 : 108));
  return file;
}

test("a Windows program's hash is the one that its signature covers, signed or not, as osslsigncode reckons it", {
  skip: missing("osslsigncode", "openssl"),
}, (t) => {
  const folder = scratch(t);
  const at = (name: string): string => join(folder, name);
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", at("key.pem"), "-out", at("cert.pem"), "-subj", "/CN=x"];
  execFileSync("openssl", ["req", "-x509", ...key], { stdio: "ignore" });
  for (const width of [32, 64] as const) {
    writeFileSync(at("plain.exe"), smallProgram(width));
    rmSync(at("signed.exe"), { force: true });
    const signing = ["-h", "sha256", "-certs", at("cert.pem"), "-key", at("key.pem"), "-in", at("plain.exe")];
    execFileSync("osslsigncode", ["sign", ...signing, "-out", at("signed.exe")], { stdio: "ignore" });
    const said = spawnSync("osslsigncode", ["verify", "-in", at("signed.exe")], { encoding: "utf8" }).stdout;
    const reckoned = /Calculated message digest *: ([0-9A-F]{64})/.exec(said)?.[1]?.toLowerCase();
    const [plain, signed] = [readSample(at("plain.exe")), readSample(at("signed.exe"))];
    assert.deepEqual([plain.authenticode, signed.authenticode], [reckoned, reckoned], `${width} bits`);
    assert.notEqual(plain.sha256, signed.sha256);
  }
});

test("a file that is no Windows program, or breaks off as one, is told by its plain hash", () => {
  const program = smallProgram(64);
  for (let length = 0; length < program.length; length += 1) {
    const { sha256, authenticode } = sampleOf("file", program.subarray(0, length));
    if (length < 64 + 256) assert.equal(authenticode, sha256, String(length));
  }
});
