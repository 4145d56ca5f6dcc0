// The device's own firewall: what its grants open and no more, as each firewall itself takes it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { GrantClaims } from "../../src/domain/grant.ts";
import { FIREWALL_FORMATS, firewallRules } from "../../src/gate/endpoint/firewall/firewall-rules.ts";
import { openingsOf, type Plan } from "../../src/gate/endpoint/firewall/plan.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";

const NOW_MS = Date.UTC(2026, 10, 28, 1);
const CAMPUS = ["10.0.0.0/8", "2001:db8::/32"];

function grant(jti: string, dir: "download" | "share", swarm: "open" | "closed", seconds = 3_600): GrantClaims {
  const times = { nbf: 0, iat: 0, exp: NOW_MS / 1_000 + seconds };
  const who = { sub: "p", dev: "d", dvk: "k", req: "R-1", approvers: ["r"], policy: "1" };
  return { v: 1, jti, dir, swarm, app: "bittorrent", content: { name: "n" }, zones: [], ...who, ...times };
}

function planOf(grants: readonly GrantClaims[], networks: readonly string[] = CAMPUS): Plan {
  const openings = openingsOf(grants, networks);
  assert.ok(openings.ok);
  return { port: 6881, nowMs: NOW_MS, openings: openings.value };
}

const BOTH = planOf([
  grant("G-2", "share", "closed"),
  grant("G-3", "share", "open", 60),
  grant("G-4", "download", "open"),
]);

test("a download opens nothing, a closed share the institution's networks, an open one everybody", () => {
  assert.deepEqual(
    BOTH.openings.map((one) => [one.grant, one.from]),
    [
      ["G-2", CAMPUS],
      ["G-3", "anywhere"],
    ],
  );
  for (const format of FIREWALL_FORMATS) {
    const text = firewallRules(format, planOf([grant("G-1", "download", "open")]));
    assert.doesNotMatch(text, /accept comment|^ufw allow|New-NetFirewallRule|^pass/m, format);
  }
});

test("a closed share without the institution's networks is refused and never opened to everybody", () => {
  const refused = openingsOf([grant("G-2", "share", "closed")], []);
  assert.equal(refused.ok ? "" : refused.error.code, "cli.usage_wrong");
});

test("the rules for PowerShell and pf have their form", () => {
  const powershell = firewallRules("windows", BOTH).trim().split("\n");
  const made = "New-NetFirewallRule -Group 'swarmgate' -DisplayName 'swarmgate G-2 until 2026-11-28T02:00:00.000Z'";
  assert.equal(
    powershell[2],
    `${made} -Direction Inbound -Action Allow -Protocol TCP -LocalPort 6881 -RemoteAddress '10.0.0.0/8','2001:db8::/32'`,
  );
  assert.match(powershell[1] ?? "", /^Get-NetFirewallRule -Group 'swarmgate' .*\| Remove-NetFirewallRule$/);
  assert.match(powershell[5] ?? "", /-Protocol UDP -LocalPort 6881 -RemoteAddress Any$/);
  assert.deepEqual(firewallRules("pf", BOTH).trim().split("\n").slice(1), [
    'pass in quick proto { tcp, udp } from { 10.0.0.0/8, 2001:db8::/32 } to any port 6881 keep state label "swarmgate G-2 until 2026-11-28T02:00:00.000Z"',
    'pass in quick proto { tcp, udp } from any to any port 6881 keep state label "swarmgate G-3 until 2026-11-28T01:01:00.000Z"',
    "block drop in quick proto { tcp, udp } from any to any port 6881",
  ]);
});

test("ufw itself takes every command, IPv4 and IPv6", { skip: missing("ufw") }, () => {
  const commands = firewallRules("ufw", BOTH).trim().split("\n").slice(1);
  assert.equal(commands.length, 8);
  for (const command of commands) {
    const said = execFileSync("sh", ["-c", command.replace(/^ufw /, "ufw --dry-run ")], { encoding: "utf8" });
    assert.match(said, /6881/, command);
  }
  assert.throws(() => execFileSync("ufw", ["--dry-run", "allow", "proto", "bogus", "to", "any"], { stdio: "ignore" }));
});

test("nft loads its rules twice, lets the institution in while the grant lasts, and nobody else", {
  skip: missing("ip", "nft", "python3"),
}, async (t) => {
  using lab = Lab.create();
  const [device, member, , stranger] = ["device", "member", "another member", "stranger"].map((name) => lab.host(name));
  assert.ok(device !== undefined && member !== undefined && stranger !== undefined);
  const folder = mkdtempSync(join(tmpdir(), "swarmgate-nft-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const load = (plan: Plan): void => {
    writeFileSync(join(folder, "rules"), firewallRules("nft", plan));
    device.run("nft", ["-f", join(folder, "rules")]);
  };
  load(BOTH);
  using _listening = device.start("python3", ["-m", "http.server", "6881"]);
  const reaches = (host: Host, address = device.address, port = 6881): boolean => {
    try {
      host.run("timeout", ["1", "bash", "-c", `: </dev/tcp/${address}/${port}`]);
      return true;
    } catch {
      return false;
    }
  };
  await until("it listens", () => reaches(stranger));
  load(planOf([grant("G-2", "share", "closed", 4)], [`${member.address}/32`, `${member.address}/31`]));
  assert.deepEqual([reaches(member), reaches(stranger)], [true, false]);
  await until("the grant ends in the kernel", () => !reaches(member));
  load(planOf([grant("G-1", "download", "open")]));
  assert.equal(reaches(member), false);
  // What the device itself opens comes back.
  using _answering = stranger.start("python3", ["-m", "http.server", "7000"]);
  await until("the device reaches others", () => reaches(device, stranger.address, 7000));
});
