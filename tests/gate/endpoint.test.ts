// Software restriction: whether each format of rules is what its readers expect.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { GrantClaims } from "../../src/domain/grant.ts";
import { CLIENTS } from "../../src/gate/endpoint/clients.ts";
import { firewallRules, openingsOf } from "../../src/gate/endpoint/firewall-rules.ts";
import { ruleFile } from "../../src/gate/endpoint/rule-files.ts";
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

test("fapolicyd rules have the form of fapolicyd.rules(5), each program in each folder", () => {
  const lines = ruleFile("fapolicyd", CLIENTS)
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  for (const line of lines) assert.match(line, /^deny_audit perm=execute all : path=\/[\w./+-]+$/);
  assert.ok(lines.includes("deny_audit perm=execute all : path=/usr/bin/qbittorrent"));
});

const READ_XML = "import sys,xml.dom.minidom as m;d=m.parse(sys.stdin);";

test("AppLocker rules are XML with unique identifiers, deny the clients and allow the rest", needsPython, () => {
  const text = ruleFile("applocker", CLIENTS);
  const script = `${READ_XML}r=d.getElementsByTagName("FilePathRule");print(len(r),len({x.getAttribute("Id") for x in r}),sum(x.getAttribute("Action")=="Allow" for x in r))`;
  const [rules, identifiers, allowed] = parsed(script, text).split(" ").map(Number);
  assert.equal(rules, identifiers);
  assert.equal(allowed, 1);
  assert.match(text, /Path="\*\\utorrent\.exe"/);
});

test("a WDAC policy is XML in which every reference names a rule", needsPython, () => {
  const script = `${READ_XML}ids={x.getAttribute("ID") for n in ("Deny","Allow") for x in d.getElementsByTagName(n)};refs={x.getAttribute("RuleID") for x in d.getElementsByTagName("FileRuleRef")};print(ids==refs,len(ids)>40)`;
  assert.equal(parsed(script, ruleFile("wdac", CLIENTS)), "True True");
});

test("Santa's profile is a property list whose pattern matches the bundles and nothing beside", needsPython, () => {
  const pattern = new RegExp(
    parsed(
      "import sys,plistlib;print(plistlib.loads(sys.stdin.buffer.read())['BlockedPathRegex'])",
      ruleFile("santa", CLIENTS),
    ),
  );
  assert.match("/Applications/Nicotine+.app/Contents/MacOS/Nicotine+", pattern);
  assert.match("/Users/eve/Downloads/Transmission.app/Contents/MacOS/Transmission", pattern);
  assert.doesNotMatch("/Applications/Safari.app/Contents/MacOS/Safari", pattern);
});

test("the osquery pack's queries are SQL that SQLite understands", needsPython, () => {
  const script = `import sys,json,sqlite3
c=sqlite3.connect(":memory:")
for t in ("processes(pid,name,path)","process_open_sockets(pid,protocol,local_port)","deb_packages(name,version)","apps(name,path,bundle_identifier)"): c.execute("create table "+t)
q=json.load(sys.stdin)["queries"]
for n in q.values(): c.execute(n["query"])
print(len(q))`;
  assert.equal(parsed(script, ruleFile("osquery", CLIENTS)), "3");
});

function grant(jti: string, dir: "download" | "share", swarm: "open" | "closed"): GrantClaims {
  const times = { nbf: 0, iat: 0, exp: 2_000_000_000 };
  const who = { sub: "p", dev: "d", dvk: "k", req: "R-1", approvers: ["r"], policy: "1" };
  return { v: 1, jti, dir, swarm, app: "bittorrent", content: { name: "n" }, zones: [], ...who, ...times };
}

test("a device that only downloads needs no open port; one that shares needs one, from its institution alone when the swarm is closed", () => {
  assert.deepEqual(openingsOf([grant("G-1", "download", "open")], 6881, []), []);
  const [closed] = openingsOf([grant("G-2", "share", "closed")], 6881, ["10.0.0.0/8"]);
  assert.deepEqual(closed?.from, ["10.0.0.0/8"]);
  assert.match(firewallRules("nft", []), /^# No grant/);
});

test("firewall rules have each firewall's form; nft itself accepts its own", { skip: missing("nft") }, () => {
  const openings = openingsOf([grant("G-2", "share", "closed"), grant("G-3", "share", "open")], 6881, [
    "10.0.0.0/8",
    "2001:db8::/32",
  ]);
  execFileSync("nft", ["-c", "-f", "-"], { input: firewallRules("nft", openings) });
  assert.match(firewallRules("ufw", openings), /^ufw allow proto tcp from 10\.0\.0\.0\/8 to any port 6881 comment '/);
  assert.match(firewallRules("windows", openings), /-Protocol UDP -LocalPort 6881 -RemoteAddress Any/);
  assert.match(
    firewallRules("pf", openings),
    /^pass in quick proto \{ tcp, udp \} from \{ 10\.0\.0\.0\/8, 2001:db8::\/32 \} to any port 6881/,
  );
});
