// Ciphertext that obfuscated eD2k or MSE may have made: what tells them apart, and whose grant opens what nothing tells apart.

import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Application } from "../../src/domain/grant.ts";
import type { Host } from "../lab/host.ts";
import { missing } from "../lab/requirements.ts";
import { codesOf, type Said, tcpFrames } from "./conversation.ts";
import { handshakePasses, startEcho } from "./echo.ts";
import { Institution } from "./institution.ts";
import { Yard } from "./yard.ts";

const PORT = 4662;
const CONTENT_BYTES = 100_000;
const BEHAVIOURAL_BYTES_MAX = 65_536;
// As aMule said them: opening, answer, hello, its answer, the name of the system; then what they want of each other.
const OPENED = [126, -127, 96, -95, -23];
const ASKED_BY_ONE = [...OPENED, 11, 41, 23, -83, -55];
const ASKED_BY_NOBODY = [...OPENED, 41, 23, -53, 22, -6, 46, -40];
// An answer to the negotiation that is far longer than a hello.
const SURELY_MSE = [126, -127, 96, -400, 80, -90];

function random(seed: string, count: number): Uint8Array {
  const key = createHash("sha256").update(seed).digest();
  return new Uint8Array(createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(count)));
}

const said = (sizes: readonly number[]): Said[] =>
  sizes.map((size, at) => ({ by: size > 0 ? 0 : 1, bytes: random(`said ${at}`, Math.abs(size)) }));

test("an eMule that knows the other asks for nothing and answers: it is eD2k all the same", () => {
  assert.deepEqual(codesOf(tcpFrames(said(ASKED_BY_ONE))), ["emule.obfuscated"]);
});

test("two eMules that know each other might be MSE, and so it is said", () => {
  assert.deepEqual(codesOf(tcpFrames(said(ASKED_BY_NOBODY))), ["bt.mse_or_ed2k"]);
});

test("a long message among them is not waited for, or the flow would pass for ordinary", () => {
  const frames = tcpFrames([...said(OPENED), { by: 1, bytes: random("piece", 1400) }]);
  assert.deepEqual(codesOf(frames), ["bt.mse_or_ed2k"]);
});

test("an answer that is not like the hello is MSE's", () => {
  assert.deepEqual(codesOf(tcpFrames(said(SURELY_MSE))), ["bt.mse"]);
});

// Both ends know what is said: each waits for its turn, and when all is said the content comes from outside.
function speaker(sizes: readonly number[], side: 0 | 1): string {
  const turns = said(sizes).map(({ by, bytes }) => [by, Buffer.from(bytes).toString("base64")]);
  return `
    const speak = (s) => {
      const turns = ${JSON.stringify(turns)}.map(([by, text]) => ({ by, bytes: Buffer.from(text, "base64") }));
      let heard = 0, timer;
      const report = () => { console.log(heard); process.exit(); };
      const go = () => {
        clearTimeout(timer);
        const [turn] = turns;
        if (turn === undefined && ${side} === 1) s.write(require("crypto").randomBytes(${CONTENT_BYTES}));
        if (turn === undefined || (turn.by !== ${side} && heard < turn.bytes.length)) return;
        turns.shift();
        if (turn.by === ${side}) s.write(turn.bytes); else heard -= turn.bytes.length;
        timer = setTimeout(go, 20);
      };
      s.on("error", () => 0);
      s.on("data", (d) => {
        heard += d.length;
        if (turns.length > 0) go();
        else if (heard >= ${CONTENT_BYTES}) report();
      });
      if (${side} === 0) setTimeout(report, 2500);
      go();
    };`;
}

async function contentThatComes(yard: Yard, from: Host, sizes: readonly number[], port: number): Promise<number> {
  const listen = `require("net").createServer({ noDelay: true }, speak).listen(${port}, () => console.log("up"));`;
  using server = yard.outside.start(process.execPath, ["-e", `${speaker(sizes, 1)}${listen}`]);
  await server.printed(/up/);
  const connect = `const s = require("net").connect({ port: ${port}, host: "${yard.outside.address}", noDelay: true }, () => speak(s));`;
  using client = from.start(process.execPath, ["-e", `${speaker(sizes, 0)}${connect}`]);
  const [, bytes] = await client.printed(/^(\d+)$/m);
  return Number(bytes);
}

test("what may be either is opened by a grant for either, and what is surely BitTorrent by none for eMule", {
  skip: missing("ip", "nft", "tcpdump"),
}, async () => {
  using yard = new Yard();
  const institution = new Institution(yard.folder);
  const applications: readonly Application[] = ["emule", "bittorrent", "soulseek"];
  const hosts = applications.map((application) => ({ application, host: yard.client() }));
  const devices = Object.fromEntries(hosts.map((one) => [one.application, { addresses: [one.host.address] }]));
  writeFileSync(yard.path("gate.json"), JSON.stringify({ devices }));
  for (const application of applications)
    await institution.grant({ id: application, device: application, application });
  const config = ["--config", yard.path("gate.json"), ...institution.words];
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", ...config);
  const calls = hosts.flatMap(({ application, host }, at) => [
    { name: `either, ${application}`, host, sizes: ASKED_BY_NOBODY, port: PORT + at },
    { name: `mse, ${application}`, host, sizes: SURELY_MSE, port: PORT + hosts.length + at },
  ]);
  const comes = await Promise.all(
    calls.map(async ({ name, host, sizes, port }) => [name, await contentThatComes(yard, host, sizes, port)] as const),
  );
  const open = comes.filter(([, bytes]) => bytes === CONTENT_BYTES).map(([name]) => name);
  assert.deepEqual(open, ["either, emule", "either, bittorrent", "mse, bittorrent"], gate.tail());
  for (const [name, bytes] of comes)
    assert.ok(open.includes(name) || bytes <= BEHAVIOURAL_BYTES_MAX, `${name} ${bytes}`);
  await gate.printed(/"action":"granted".*"src":"10.1.0.1".*"code":"bt.mse_or_ed2k"/);
  await gate.printed(/"action":"block".*"src":"10.1.0.3".*"code":"bt.mse_or_ed2k"/);
  using _echo = await startEcho(yard.outside);
  assert.deepEqual(
    hosts.filter(({ host }) => handshakePasses(host, yard.outside.address)).map(({ application }) => application),
    ["bittorrent"],
  );
});
