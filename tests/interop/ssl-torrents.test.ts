// libtorrent's SSL torrents, its own matrix of configurations and handshake attacks, with our engine in both roles.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { sharedMissing, sharedPath } from "../fixture-folder.ts";
import { Authority, type Leaf } from "../lab/certificates.ts";
import { missing } from "../lab/requirements.ts";
import { runCommand } from "../lab/swarmgate.ts";
import {
  Closed,
  NAME,
  PLAIN_PORT,
  SSL_PORT,
  Swarm,
  startOurGet,
  startOurSeed,
  startTheirGet,
  startTheirSeed,
} from "./closed-swarm.ts";

const SKIP = missing("ip", "openssl", "python3-libtorrent");
/** Most of these tests is watching that nothing happens. */
const TOGETHER = { skip: SKIP, concurrency: 6 };
/** How long a transfer that must not happen is watched, and one that must. */
const WATCH_MS = 4000;
const ARRIVAL_MS = 40_000;

let closed: Closed;
before(async () => {
  closed = new Closed();
  await closed.make();
});
after(() => closed[Symbol.dispose]());

type Configuration = {
  readonly title: string;
  readonly ssl: boolean;
  readonly seedCert: boolean;
  readonly getCert: boolean;
  readonly getSslPort: boolean;
  readonly complete: boolean;
};

// The table of libtorrent's own test (test_ssl.cpp, BSD-3): whose certificate, which port, and whether the bytes arrive.
const CONFIGURATIONS: readonly Configuration[] = [
  ["nobody has a certificate, regular port", false, false, false, true, false],
  ["nobody has a certificate, SSL port", true, false, false, true, false],
  ["only the seed has a certificate, regular port", false, true, false, true, false],
  ["only the seed has a certificate, SSL port", true, true, false, true, false],
  ["only the downloader has a certificate, regular port", false, false, true, true, false],
  ["only the downloader has a certificate, SSL port", true, false, true, true, false],
  ["both have a certificate, regular port", false, true, true, true, false],
  ["both have a certificate, SSL port", true, true, true, true, true],
  ["both have a certificate, the downloader has no SSL port", true, true, true, false, false],
].map(([title, ssl, seedCert, getCert, getSslPort, complete]) => ({
  title: title as string,
  ssl: ssl as boolean,
  seedCert: seedCert as boolean,
  getCert: getCert as boolean,
  getSslPort: getSslPort as boolean,
  complete: complete as boolean,
}));

function watchMs({ complete }: Configuration): number {
  return complete ? ARRIVAL_MS : WATCH_MS;
}

const leafFor = (has: boolean) => (has ? closed.authority.issue({ name: NAME }) : undefined);

// As in libtorrent's own test the seed dials: so the last row, a downloader without an SSL port, is a call that nobody takes.
describe("libtorrent downloads a closed torrent from us, and we call", TOGETHER, () => {
  for (const configuration of CONFIGURATIONS) {
    const { title, ssl, seedCert, getCert, getSslPort, complete } = configuration;
    test(`${title}: ${complete ? "it arrives" : "nothing arrives"}`, async () => {
      using swarm = new Swarm(closed);
      const arrives = await startTheirGet(swarm, leafFor(getCert), { listens: getSslPort });
      await startOurSeed(swarm, leafFor(seedCert), `${swarm.getHost.address}:${ssl ? SSL_PORT : PLAIN_PORT}`);
      assert.equal(await arrives(watchMs(configuration)), complete);
    });
  }
});

describe("we download a closed torrent from libtorrent, and it calls", TOGETHER, () => {
  for (const configuration of CONFIGURATIONS) {
    const { title, ssl, seedCert, getCert, getSslPort, complete } = configuration;
    test(`${title}: ${complete ? "it arrives" : "nothing arrives"}`, async () => {
      using swarm = new Swarm(closed);
      const seeding = await startTheirSeed(swarm, leafFor(seedCert));
      const arrives = await startOurGet(swarm, leafFor(getCert), { listens: getSslPort });
      await seeding.addPeer(swarm.getHost.address, ssl ? SSL_PORT : PLAIN_PORT);
      assert.equal(await arrives(watchMs(configuration)), complete);
    });
  }
});

describe("a downloader that nobody can call, such as a member behind a router, calls itself", TOGETHER, () => {
  for (const [port, complete] of [
    [SSL_PORT, true],
    [PLAIN_PORT, false],
  ] as const) {
    const outcome = `at the ${complete ? "SSL port it gets everything" : "regular port it gets nothing"}`;
    test(`libtorrent from us: ${outcome}`, async () => {
      using swarm = new Swarm(closed);
      await startOurSeed(swarm, leafFor(true));
      const remote = `${swarm.seedHost.address}:${port}`;
      const arrives = await startTheirGet(swarm, leafFor(true), { remote, listens: false });
      assert.equal(await arrives(complete ? ARRIVAL_MS : WATCH_MS), complete);
    });
    test(`we from libtorrent: ${outcome}`, async () => {
      using swarm = new Swarm(closed);
      await startTheirSeed(swarm, leafFor(true));
      const remote = `${swarm.seedHost.address}:${port}`;
      const arrives = await startOurGet(swarm, leafFor(true), { remote, listens: false });
      assert.equal(await arrives(complete ? ARRIVAL_MS : WATCH_MS), complete);
    });
  }
});

describe("over uTP alone", TOGETHER, () => {
  for (const [title, isOurs] of [
    ["a certificate of the swarm's root", true],
    ["one of another root", false],
  ] as const) {
    const issue = (swarm: Swarm): Leaf =>
      (isOurs ? closed.authority : Authority.create(swarm.folder("other"), "other")).issue({ name: NAME });
    const watchMsMax = isOurs ? ARRIVAL_MS : WATCH_MS;

    test(`H90: libtorrent with ${title} ${isOurs ? "downloads from us" : "gets nothing from us"}`, async () => {
      using swarm = new Swarm(closed, "utp");
      await startOurSeed(swarm, leafFor(true));
      const remote = `${swarm.seedHost.address}:${SSL_PORT}`;
      const arrives = await startTheirGet(swarm, issue(swarm), { remote, listens: true });
      assert.equal(await arrives(watchMsMax), isOurs);
    });

    test(`H90: with ${title} we ${isOurs ? "download" : "get nothing"} from libtorrent`, async () => {
      using swarm = new Swarm(closed, "utp");
      await startTheirSeed(swarm, leafFor(true));
      const remote = `${swarm.seedHost.address}:${SSL_PORT}`;
      const arrives = await startOurGet(swarm, issue(swarm), { remote, listens: false });
      assert.equal(await arrives(watchMsMax), isOurs);
    });
  }
});

describe("certificates that do not belong", TOGETHER, () => {
  const kinds: Readonly<Record<string, (swarm: Swarm) => Leaf>> = {
    "of another root": (swarm) => Authority.create(swarm.folder("other"), "other").issue({ name: NAME }),
    "for another torrent": () => closed.authority.issue({ name: "payroll" }),
  };
  for (const [kind, issue] of Object.entries(kinds)) {
    test(`H90, H94: libtorrent with one ${kind} gets nothing from us`, async () => {
      using swarm = new Swarm(closed);
      await startOurSeed(swarm, leafFor(true));
      const remote = `${swarm.seedHost.address}:${SSL_PORT}`;
      const arrives = await startTheirGet(swarm, issue(swarm), { remote, listens: true });
      assert.equal(await arrives(WATCH_MS), false);
    });
  }
  test("one for every torrent (*) is accepted on both sides, as by libtorrent", async () => {
    using swarm = new Swarm(closed);
    const wild = closed.authority.issue({ name: "*" });
    await startOurSeed(swarm, wild);
    const remote = `${swarm.seedHost.address}:${SSL_PORT}`;
    const arrives = await startTheirGet(swarm, wild, { remote, listens: true });
    assert.equal(await arrives(ARRIVAL_MS), true);
  });
});

type Attack = {
  readonly certificate: "valid" | "foreign" | "none";
  readonly sni: "valid" | "wrong" | "none";
  readonly hash: boolean;
};

// libtorrent's handshake attacks: which parts are right, and whether a BitTorrent handshake comes back.
const ATTACKS: readonly (readonly [string, Attack, boolean])[] = [
  ["everything right", { certificate: "valid", sni: "valid", hash: true }, true],
  ["a wrong server name", { certificate: "valid", sni: "wrong", hash: true }, false],
  ["no server name", { certificate: "valid", sni: "none", hash: true }, false],
  ["no certificate", { certificate: "none", sni: "valid", hash: true }, false],
  ["a certificate of another root", { certificate: "foreign", sni: "valid", hash: true }, false],
  ["a handshake for another torrent inside", { certificate: "valid", sni: "valid", hash: false }, false],
];

const ATTACKER = `
const [host, port, servername, infoHash, cert, key] = process.argv.slice(1);
const fs = require("node:fs");
const socket = require("node:tls").connect({
  host, port: Number(port), rejectUnauthorized: false,
  ...(servername === "-" ? {} : { servername }),
  ...(cert === "-" ? {} : { cert: fs.readFileSync(cert), key: fs.readFileSync(key) }),
});
const handshake = Buffer.concat([Buffer.from("\\x13BitTorrent protocol", "latin1"), Buffer.alloc(8),
  Buffer.from(infoHash, "hex"), Buffer.from("-XX0000-attackattack")]);
socket.write(handshake);
let got = 0;
socket.on("data", (bytes) => { got += bytes.length; if (got >= 68) { console.log("answered"); process.exit(); } });
socket.on("error", (error) => { console.log("refused " + error.message); process.exit(); });
socket.on("close", () => { console.log("closed"); process.exit(); });
setTimeout(() => { console.log("silent"); process.exit(); }, 3000);
`;

function attack(swarm: Swarm, { certificate, sni, hash }: Attack, infoHash: string): string {
  const wrong = "00".repeat(20);
  const other = certificate === "foreign" ? Authority.create(swarm.folder("foreign"), "foreign") : closed.authority;
  const leaf = certificate === "none" ? undefined : other.issue({ name: NAME });
  const servername = { valid: infoHash, wrong, none: "-" }[sni];
  const args = [swarm.seedHost.address, String(SSL_PORT), servername, hash ? infoHash : wrong];
  const files = leaf === undefined ? ["-", "-"] : [leaf.certificate, leaf.key];
  return swarm.getHost.run(process.execPath, ["-e", ATTACKER, ...args, ...files]).trim();
}

describe("handshake attacks on our seed", { skip: SKIP }, () => {
  let swarm: Swarm;
  let infoHash: string;
  before(async () => {
    swarm = new Swarm(closed);
    await startOurSeed(swarm, leafFor(true));
    const shown = await runCommand(swarm.getHost, swarm.folder("show"), ["torrent", "show", closed.file]);
    infoHash = String(shown.values[0]?.["infoHashV1"]);
  });
  after(() => swarm[Symbol.dispose]());
  for (const [title, flags, connects] of ATTACKS) {
    test(`H91, H92: ${title}: ${connects ? "answered" : "refused"}`, () => {
      const outcome = attack(swarm, flags, infoHash);
      if (connects) assert.equal(outcome, "answered");
      else assert.match(outcome, /^(refused|closed)/);
      if (flags.sni !== "valid") assert.match(outcome, /alert/, "an unknown server name is answered by a fatal alert");
    });
  }
});

test("the table is libtorrent's", { skip: sharedMissing }, () => {
  const rows = readFileSync(sharedPath("fixtures", "ssl-torrent-matrix.tsv"), "utf8").split("\n").slice(1, 10);
  const theirs = rows.map((row) => row.split("\t").slice(1).join(" "));
  const ours = CONFIGURATIONS.map(({ ssl, seedCert, getCert, getSslPort, complete }) =>
    [ssl, seedCert, getCert, getSslPort, complete].join(" "),
  );
  assert.deepEqual(ours, theirs);
});
