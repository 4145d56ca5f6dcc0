// libtorrent's SSL torrents, its own matrix of configurations and handshake attacks, with our engine in both roles.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { sharedMissing, sharedPath } from "../fixture-folder.ts";
import { Authority, type Leaf } from "../lab/certificates.ts";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent, type LibtorrentOptions } from "../lab/clients/libtorrent.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import type { Program } from "../lab/program.ts";
import { missing } from "../lab/requirements.ts";
import { runCommand, startCommand } from "../lab/swarmgate.ts";

const SKIP = missing("ip", "openssl", "python3-libtorrent");
const SSL_PORT = 7001;
const PLAIN_PORT = 6881;
/** How long a transfer that must not happen is watched, and one that must. */
const WATCH_MS = 4000;
const ARRIVAL_MS = 40_000;
const NAME = "files";

class Swarm implements Disposable {
  readonly lab = Lab.create();
  readonly seedHost: Host;
  readonly getHost: Host;
  readonly content: string;
  readonly file: string;
  readonly authority: Authority;
  readonly #programs: Disposable[] = [];

  private constructor() {
    this.seedHost = this.lab.host("seed");
    this.getHost = this.lab.host("get");
    this.content = this.folder("content");
    this.file = join(this.lab.folder, "closed.torrent");
    writeFiles(this.content, { "files/one.bin": 700_001, "files/two.bin": 40_000 });
    this.authority = Authority.create(this.folder("authority"), "root");
  }

  static async create(): Promise<Swarm> {
    const swarm = new Swarm();
    const maker = await Libtorrent.maker();
    const path = join(swarm.content, NAME);
    await maker.create({ path, output: swarm.file, format: "v1", rootCertificate: swarm.authority.rootPem });
    maker[Symbol.dispose]();
    return swarm;
  }

  folder(name: string): string {
    const path = join(this.lab.folder, name);
    mkdirSync(path);
    return path;
  }

  own<T extends Disposable>(program: T): T {
    this.#programs.push(program);
    return program;
  }

  isWhole(folder: string): boolean {
    const wanted = hashesOf(this.content);
    const got = hashesOf(folder);
    return Object.entries(wanted).every(([path, hash]) => got[path] === hash);
  }

  [Symbol.dispose](): void {
    for (const program of this.#programs) program[Symbol.dispose]();
    this.lab[Symbol.dispose]();
  }
}

function certificateArgs(leaf: Leaf | undefined): string[] {
  return leaf === undefined ? [] : ["--cert", leaf.certificate, "--key", leaf.key];
}

/** Our seed; undefined when it refuses to start. */
async function startOurSeed(
  swarm: Swarm,
  leaf: Leaf | undefined,
  more: readonly string[] = [],
): Promise<Program | undefined> {
  const args = ["engine", "seed", swarm.file, "--data", swarm.content, "--listen", `0.0.0.0:${SSL_PORT}`, "--json"];
  const seed = swarm.own(
    startCommand(swarm.seedHost, swarm.folder("seed-data"), [...args, ...certificateArgs(leaf), ...more]),
  );
  if (leaf === undefined) {
    assert.equal((await seed.end()).code, 2);
    return undefined;
  }
  await seed.printed(/"listening"/);
  return seed;
}

const UTP_ONLY = { utp: true, settings: { enable_incoming_tcp: false, enable_outgoing_tcp: false } };

async function startTheirSeed(
  swarm: Swarm,
  leaf: Leaf | undefined,
  more: Partial<LibtorrentOptions> = {},
): Promise<void> {
  const options = { folder: swarm.folder("seeder"), port: PLAIN_PORT, sslPort: SSL_PORT, ...more };
  const seeder = swarm.own(await Libtorrent.start(swarm.seedHost, options));
  const transfer = await seeder.add({ file: swarm.file }, swarm.content);
  if (leaf !== undefined) await transfer.certificate(leaf);
  await completed(seeder, transfer);
}

async function ourGet(
  swarm: Swarm,
  leaf: Leaf | undefined,
  port: number,
  watchMs: number,
  more: readonly string[] = [],
): Promise<boolean> {
  const out = swarm.folder("out");
  const args = ["engine", "get", swarm.file, "--out", out, "--peer", `${swarm.seedHost.address}:${port}`, "--json"];
  const get = swarm.own(
    startCommand(swarm.getHost, swarm.folder("get-data"), [...args, ...certificateArgs(leaf), ...more]),
  );
  await Promise.race([get.ended, new Promise((resolve) => setTimeout(resolve, watchMs))]);
  return get.hasEnded && swarm.isWhole(out);
}

type TheirGet = {
  readonly port: number;
  readonly withSslPort: boolean;
  readonly watchMs: number;
  readonly more?: Partial<LibtorrentOptions>;
};

async function theirGet(swarm: Swarm, leaf: Leaf | undefined, get: TheirGet): Promise<boolean> {
  const { port, withSslPort, watchMs, more } = get;
  const sslPort = withSslPort ? { sslPort: SSL_PORT } : {};
  const options = { folder: swarm.folder("leecher"), port: PLAIN_PORT, ...sslPort, ...more };
  const leecher = swarm.own(await Libtorrent.start(swarm.getHost, options));
  const out = swarm.folder("out");
  const transfer = await leecher.add({ file: swarm.file }, out);
  if (leaf !== undefined) await transfer.certificate(leaf);
  await transfer.addPeer(swarm.seedHost.address, port);
  const complete = await completed(leecher, transfer, watchMs).then(
    () => true,
    () => false,
  );
  return complete && swarm.isWhole(out);
}

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

// The last row is a limitation of libtorrent's that its 2.0.8 does not have either: a downloader without an SSL port of its
// own (a member behind a router) dials like any other.
function arrives({ ssl, seedCert, getCert }: Configuration): boolean {
  return ssl && seedCert && getCert;
}

function watchMs(configuration: Configuration): number {
  return arrives(configuration) ? ARRIVAL_MS : WATCH_MS;
}

describe("libtorrent downloads a closed torrent from us", { skip: SKIP }, () => {
  for (const configuration of CONFIGURATIONS) {
    const { title, ssl, seedCert, getCert, getSslPort } = configuration;
    test(`${title}: ${arrives(configuration) ? "it arrives" : "nothing arrives"}`, async () => {
      using swarm = await Swarm.create();
      const leaf = () => swarm.authority.issue({ name: NAME });
      await startOurSeed(swarm, seedCert ? leaf() : undefined);
      const port = ssl ? SSL_PORT : PLAIN_PORT;
      const get = { port, withSslPort: getSslPort, watchMs: watchMs(configuration) };
      assert.equal(await theirGet(swarm, getCert ? leaf() : undefined, get), arrives(configuration));
    });
  }
});

describe("we download a closed torrent from libtorrent", { skip: SKIP }, () => {
  for (const configuration of CONFIGURATIONS) {
    const { title, ssl, seedCert, getCert } = configuration;
    test(`${title}: ${arrives(configuration) ? "it arrives" : "nothing arrives"}`, async () => {
      using swarm = await Swarm.create();
      const leaf = () => swarm.authority.issue({ name: NAME });
      await startTheirSeed(swarm, seedCert ? leaf() : undefined);
      const port = ssl ? SSL_PORT : PLAIN_PORT;
      assert.equal(
        await ourGet(swarm, getCert ? leaf() : undefined, port, watchMs(configuration)),
        arrives(configuration),
      );
    });
  }
});

describe("over uTP alone", { skip: SKIP }, () => {
  for (const [title, isOurs] of [
    ["a certificate of the swarm's root", true],
    ["one of another root", false],
  ] as const) {
    const issue = (swarm: Swarm) =>
      (isOurs ? swarm.authority : Authority.create(swarm.folder("other"), "other")).issue({ name: NAME });
    const watchMsMax = isOurs ? ARRIVAL_MS : WATCH_MS;

    test(`H90: libtorrent with ${title} ${isOurs ? "downloads from us" : "gets nothing from us"}`, async () => {
      using swarm = await Swarm.create();
      await startOurSeed(swarm, swarm.authority.issue({ name: NAME }), ["--transport", "utp"]);
      const get = { port: SSL_PORT, withSslPort: true, watchMs: watchMsMax, more: UTP_ONLY };
      assert.equal(await theirGet(swarm, issue(swarm), get), isOurs);
    });

    test(`H90: with ${title} we ${isOurs ? "download" : "get nothing"} from libtorrent`, async () => {
      using swarm = await Swarm.create();
      await startTheirSeed(swarm, swarm.authority.issue({ name: NAME }), UTP_ONLY);
      const transport = ["--transport", "utp"];
      assert.equal(await ourGet(swarm, issue(swarm), SSL_PORT, watchMsMax, transport), isOurs);
    });
  }
});

describe("certificates that do not belong", { skip: SKIP }, () => {
  const kinds: Readonly<Record<string, (swarm: Swarm) => Leaf>> = {
    "of another root": (swarm) => Authority.create(swarm.folder("other"), "other").issue({ name: NAME }),
    "for another torrent": (swarm) => swarm.authority.issue({ name: "payroll" }),
  };
  for (const [kind, issue] of Object.entries(kinds)) {
    test(`H90, H94: libtorrent with one ${kind} gets nothing from us`, async () => {
      using swarm = await Swarm.create();
      await startOurSeed(swarm, swarm.authority.issue({ name: NAME }));
      const get = { port: SSL_PORT, withSslPort: true, watchMs: WATCH_MS };
      assert.equal(await theirGet(swarm, issue(swarm), get), false);
    });
  }
  test("one for every torrent (*) is accepted on both sides, as by libtorrent", async () => {
    using swarm = await Swarm.create();
    const wild = swarm.authority.issue({ name: "*" });
    await startOurSeed(swarm, wild);
    assert.equal(await theirGet(swarm, wild, { port: SSL_PORT, withSslPort: true, watchMs: ARRIVAL_MS }), true);
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
  const other = certificate === "foreign" ? Authority.create(swarm.folder("foreign"), "foreign") : swarm.authority;
  const leaf = certificate === "none" ? undefined : other.issue({ name: NAME });
  const servername = { valid: infoHash, wrong, none: "-" }[sni];
  const args = [swarm.seedHost.address, String(SSL_PORT), servername, hash ? infoHash : wrong];
  const files = leaf === undefined ? ["-", "-"] : [leaf.certificate, leaf.key];
  return swarm.getHost.run(process.execPath, ["-e", ATTACKER, ...args, ...files]).trim();
}

describe("handshake attacks on our seed", { skip: SKIP }, () => {
  for (const [title, flags, connects] of ATTACKS) {
    test(`H91, H92: ${title}: ${connects ? "answered" : "refused"}`, async () => {
      using swarm = await Swarm.create();
      await startOurSeed(swarm, swarm.authority.issue({ name: NAME }));
      const shown = await runCommand(swarm.getHost, swarm.folder("show"), ["torrent", "show", swarm.file]);
      const infoHash = String(shown.values[0]?.["infoHashV1"]);
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
