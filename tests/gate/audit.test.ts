// What an audit of a managed computer finds, on one made of files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { auditComputer } from "../../src/gate/endpoint/audit.ts";
import { CLIENTS } from "../../src/gate/endpoint/clients.ts";
import { MARKED_NAMES } from "../../src/gate/endpoint/content-marks.ts";
import type { Finding } from "../../src/gate/endpoint/finding.ts";
import { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { Computer } from "./computer.ts";

const brief = ({ client, found, by, user }: Finding): string[] => [client, found, by, ...(user ? [user] : [])];

test("an audit finds packages of dpkg and rpm, flatpaks and snaps, and not what was removed", (t) => {
  const computer = new Computer(t);
  const status = [
    "Package: qbittorrent\nStatus: install ok installed",
    "Package: deluge\nStatus: deinstall ok config-files",
    "Package: coreutils\nStatus: install ok installed",
  ];
  computer.file("var/lib/dpkg/status", `${status.join("\n\n")}\n`);
  computer.folder("usr/lib/sysimage/rpm");
  // The tables that rpm 4.16 and later make; the index by name is read, the headers are not.
  using rpm = new DatabaseSync(computer.path("usr/lib/sysimage/rpm/rpmdb.sqlite"));
  rpm.exec("CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)");
  rpm.exec("INSERT INTO Name VALUES ('amule', 7, 0), ('bash', 8, 0)");
  computer.folder("var/lib/flatpak/app/org.nicotine_plus.Nicotine");
  computer.folder("home/mia/.local/share/flatpak/app/de.haeckerfelix.Fragments");
  computer.folder("snap/motrix");
  const { findings, unread } = auditComputer(computer.root);
  assert.deepEqual(findings.map(brief), [
    ["qBittorrent", "package", "name"],
    ["aMule", "package", "name"],
    ["Nicotine+", "flatpak", "name"],
    ["Motrix", "snap", "name"],
    ["Fragments", "flatpak", "name", "mia"],
  ]);
  assert.deepEqual(unread, []);
});

test("rpm's own empty database is read, and a broken one is said to be unread", { skip: missing("rpm") }, (t) => {
  const computer = new Computer(t);
  const place = computer.path("var/lib/rpm");
  execFileSync("rpm", ["--define", "_db_backend sqlite", "--dbpath", place, "--initdb"]);
  assert.deepEqual(auditComputer(computer.root), { findings: [], unread: [] });
  computer.file("var/lib/rpm/rpmdb.sqlite", "no database at all".repeat(100));
  assert.deepEqual(
    auditComputer(computer.root).unread.map(({ what }) => what),
    [join(place, "rpmdb.sqlite")],
  );
});

const ELF = "\u007fELF\u0002\u0001\u0001\u0000";

test("an audit finds AppImages and copied programs in homes, a renamed one by what it contains", (t) => {
  const computer = new Computer(t);
  const image = Buffer.from(`${ELF}AI\u0002`, "latin1");
  computer.file("home/mia/Downloads/qBittorrent-4.6.7_x86_64.AppImage", image);
  computer.file("home/mia/Downloads/Rainbow-1.0.AppImage", image);
  computer.file("home/mia/bin/rtorrent", Buffer.from(ELF, "latin1"), 0o755);
  computer.file(
    "home/mia/.local/bin/notes",
    Buffer.from(`${ELF} X-Transmission-Session-Id dht.transmissionbt.com`, "latin1"),
    0o755,
  );
  computer.file("home/mia/essay.txt", "rtorrent.dht_cache rtorrent.input_history");
  computer.file("home/mia/.cache/aria2c", Buffer.from(ELF, "latin1"), 0o755);
  assert.deepEqual(auditComputer(computer.root).findings.map(brief), [
    ["rTorrent", "file", "name", "mia"],
    ["qBittorrent", "appimage", "name", "mia"],
    ["Transmission", "file", "content", "mia"],
  ]);
});

test("an audit finds torrent extensions by identifier, by name in any language and by what they ask to open", (t) => {
  const computer = new Computer(t);
  const chrome = "home/mia/.config/google-chrome/Default/Extensions";
  computer.json(`${chrome}/anhdpjpojoipgpmfanmedjghaligalgb/2.4.4_0/manifest.json`, { name: "A quiet name" });
  const chromium = "home/mia/snap/chromium/common/chromium/Profile 1/Extensions";
  computer.json(`${chromium}/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1.0_0/manifest.json`, {
    name: "__MSG_appName__",
    default_locale: "de",
  });
  computer.json(`${chromium}/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1.0_0/_locales/de/messages.json`, {
    appname: { message: "Mein Torrent\u202e-Freund" },
  });
  const edge = "root/.config/microsoft-edge/Default/Extensions";
  computer.json(`${edge}/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/3_0/manifest.json`, {
    name: "Helper",
    permissions: ["sockets"],
    file_handlers: { any: { types: ["application/x-bittorrent"] } },
  });
  computer.json(`${edge}/cccccccccccccccccccccccccccccccc/3_0/manifest.json`, { name: "Spelling", permissions: [] });
  computer.json("home/mia/.mozilla/firefox/x1.default/extensions.json", {
    addons: [
      { id: "one@example.org", defaultLocale: { name: "Torrent Control" }, path: "/x/one.xpi" },
      { id: "two@example.org", defaultLocale: { name: "Dictionary" }, path: "/x/two.xpi" },
      "not an object",
    ],
  });
  computer.file("home/mia/.mozilla/firefox/x2.broken/extensions.json", "{ no json");
  const findings = auditComputer(computer.root).findings;
  assert.deepEqual(findings.map(brief), [
    ["Helper (Edge)", "extension", "manifest", "root"],
    ["JSTorrent (Chrome)", "extension", "identifier", "mia"],
    ["Mein Torrent\u{FFFD}-Freund (Chromium)", "extension", "name", "mia"],
    ["Torrent Control (Firefox)", "extension", "name", "mia"],
  ]);
});

test("an audit tells running clients by program, script and name, with the ports and partners of their sockets", (t) => {
  const computer = new Computer(t);
  computer.process({ pid: 77, exe: "/opt/tixati/tixati", comm: "tixati", sockets: [4711, 4712, 4713, 4714] });
  computer.process({ pid: 78, exe: "/usr/bin/bash", command: ["bash"], comm: "bash" });
  const script = ["/usr/bin/python3", "-u", "/usr/bin/nicotine"];
  computer.process({ pid: 79, exe: "/usr/bin/python3.11", command: script, comm: "python3" });
  computer.process({ pid: 80, exe: "/usr/bin/java", command: ["java", "-jar", "/home/mia/BiglyBT.jar"], comm: "java" });
  // Of somebody else: neither the link nor the descriptors may be read.
  computer.process({ pid: 81, command: ["/usr/bin/transmission-daemon", "-f"], comm: "transmission-da" });
  computer.process({ pid: 82, exe: "/usr/bin/vim", command: ["vim", "/etc/rtorrent"], comm: "vim" });
  computer.sockets("tcp", [
    ["00000000:1AE1", "00000000:0000", "0A", 4711],
    ["0700000A:C350", "1100A8C0:1AE1", "01", 4712],
  ]);
  computer.sockets("tcp6", [
    ["B80D0120000000000000000001000000:1AE1", "B80D0120000000000000000002000000:C351", "01", 4713],
  ]);
  computer.sockets("udp", [["00000000:1AE2", "00000000:0000", "07", 4714]]);
  const { findings } = auditComputer(computer.root);
  assert.deepEqual(
    findings.map(({ client, by, pid, calls }) => [client, by, pid, calls]),
    [
      ["Tixati", "name", 77, undefined],
      ["Nicotine+", "command", 79, "python3"],
      ["BiglyBT", "command", 80, "java"],
      ["Transmission", "command", 81, undefined],
    ],
  );
  assert.deepEqual(findings[0]?.sockets, {
    listening: ["tcp 6881", "udp 6882"],
    connected: ["tcp 192.168.0.17:6881", "tcp [2001:db8:0:0:0:0:0:2]:50001"],
    connections: 2,
  });
});

test("a home that may not be read is named, and everything else is still found", { skip: missing() }, (t) => {
  const computer = new Computer(t);
  computer.folder("home/mia/secret");
  computer.folder("snap/ktorrent");
  computer.process({ pid: 5, exe: "/usr/bin/aria2c", comm: "aria2c" });
  chmodSync(computer.root, 0o755);
  chmodSync(computer.path("home/mia"), 0o700);
  const before = process.geteuid?.() ?? 0;
  process.seteuid?.(65_534);
  try {
    const { findings, unread } = auditComputer(computer.root);
    assert.deepEqual(findings.map(brief), [
      ["KTorrent", "snap", "name"],
      ["aria2", "process", "name"],
    ]);
    assert.ok(unread.some(({ what, why }) => what === computer.path("home/mia") && /not permitted/.test(why)));
  } finally {
    process.seteuid?.(before);
  }
});

test("ten thousand processes are looked through in a moment, each socket table read once", (t) => {
  const computer = new Computer(t);
  computer.process({ pid: 0, exe: "/usr/bin/sleep", command: ["sleep", "1"], comm: "sleep", sockets: [1] });
  for (let pid = 1; pid <= 10_000; pid++) {
    if (pid % 1_000 === 0) computer.process({ pid, exe: "/usr/bin/amuled", comm: "amuled", sockets: [pid] });
    else symlinkSync("0", computer.path(`proc/${pid}`));
  }
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => ["00000000:1236", "00000000:0000", "0A", index + 1] as const,
  );
  computer.sockets("tcp", rows);
  const begun = process.cpuUsage();
  const { findings } = auditComputer(computer.root);
  const { user, system } = process.cpuUsage(begun);
  assert.equal(findings.length, 10);
  assert.ok(findings.every(({ sockets }) => sockets?.listening.join() === "tcp 4662"));
  assert.ok(user + system < 5_000_000, `${(user + system) / 1_000} ms of processor time`);
});

test("every client that is known by its content stands in the table", () => {
  for (const name of MARKED_NAMES)
    assert.ok(
      CLIENTS.some((client) => client.name === name),
      name,
    );
});

test("the command gives the same as JSON, and says of each finding whether a grant covers it", async (t) => {
  const computer = new Computer(t);
  computer.folder("snap/motrix");
  computer.file(
    "home/mia/.mozilla/firefox/x/extensions.json",
    JSON.stringify({ addons: [{ id: "torrent\u001b[31m" }] }),
  );
  const audit = (more: readonly string[]): Program =>
    new Program("bin/swarmgate", ["endpoint", "audit", "--root", computer.root, ...more]);
  using asJson = audit(["--json"]);
  assert.equal((await asJson.ended).code, 0);
  const said: { findings: { client: string; granted: boolean }[] } = JSON.parse(asJson.stdout);
  assert.deepEqual(
    said.findings.map(({ client, granted }) => [client, granted]),
    [
      ["Motrix", false],
      ["torrent\u{FFFD}[31m (Firefox)", false],
    ],
  );
  using asText = audit([]);
  await asText.ended;
  assert.match(asText.stdout, /^Motrix: snap motrix: no grant\n/);
});
