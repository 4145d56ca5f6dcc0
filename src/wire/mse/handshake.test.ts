import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { realEntropy } from "../../world/real/entropy.ts";
import { MseAcceptor } from "./acceptor.ts";
import { MSE_INITIAL_PAYLOAD_BYTES_MAX, type MseMethod, type MseOutcome, type MseProgress } from "./handshake.ts";
import { MseInitiator } from "./initiator.ts";
import { MSE_PUBLIC_KEY_BYTES } from "./key-exchange.ts";
import { torrentMark } from "./keys.ts";

const randomBytes = (count: number) => realEntropy.bytes(count);
const TORRENT = new Uint8Array(20).fill(0x5a);
const OTHER = new Uint8Array(20).fill(0x5b);
const HELLO = Buffer.from("\u{13}BitTorrent protocol and the rest");

type Pair = { initiator: MseInitiator; acceptor: MseAcceptor };

function pair(options: {
  initiator?: MseMethod[];
  acceptor?: MseMethod[];
  known?: Uint8Array;
  payload?: Uint8Array;
}): Pair {
  const known = options.known ?? TORRENT;
  return {
    initiator: new MseInitiator({
      torrentKey: TORRENT,
      methods: options.initiator ?? ["rc4", "plain"],
      initialPayload: options.payload ?? HELLO,
      randomBytes,
    }),
    acceptor: new MseAcceptor({
      torrentKeyOf: (mark) => (Buffer.from(mark).equals(torrentMark(known)) ? known : undefined),
      methods: options.acceptor ?? ["rc4", "plain"],
      randomBytes,
    }),
  };
}

/** Feeds `bytes` in the given chunks and returns what was sent back and the last progress. */
function feed(role: { receive(chunk: Uint8Array): MseProgress }, bytes: Uint8Array, chunkBytes: () => number) {
  const sent: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = Math.min(bytes.length, at + Math.max(1, chunkBytes()));
    const progress = role.receive(bytes.slice(at, next));
    at = next;
    if (progress.at === "refused") return { sent: Buffer.concat(sent), progress };
    sent.push(progress.send);
    if (progress.at === "done") {
      const rest = bytes.slice(at);
      progress.outcome.decrypt?.apply(rest);
      const payload = Buffer.concat([progress.outcome.payload, rest]);
      return {
        sent: Buffer.concat(sent),
        progress: { ...progress, outcome: { ...progress.outcome, payload } },
      };
    }
  }
  return { sent: Buffer.concat(sent), progress: { at: "waiting" } as const };
}

function finish({ initiator, acceptor }: Pair, chunkBytes: () => number, answer: Uint8Array) {
  const first = feed(acceptor, initiator.start(), chunkBytes);
  assert.equal(first.progress.at, "waiting");
  const offer = feed(initiator, first.sent, chunkBytes);
  assert.equal(offer.progress.at, "waiting");
  const accepted = feed(acceptor, offer.sent, chunkBytes);
  assert.ok(accepted.progress.at === "done", `acceptor: ${JSON.stringify(accepted.progress)}`);
  const sealed = Uint8Array.from(answer);
  accepted.progress.outcome.encrypt?.apply(sealed);
  const ended = feed(initiator, Buffer.concat([accepted.sent, sealed]), chunkBytes);
  assert.ok(ended.progress.at === "done", `initiator: ${JSON.stringify(ended.progress)}`);
  return { acceptor: accepted.progress.outcome, initiator: ended.progress.outcome };
}

function assertAgreed(outcome: { acceptor: MseOutcome; initiator: MseOutcome }, method: MseMethod): void {
  assert.equal(outcome.initiator.method, method);
  assert.equal(outcome.acceptor.method, method);
  assert.deepEqual(Buffer.from(outcome.acceptor.payload), HELLO);
  const line = Uint8Array.from([1, 2, 3, 4, 5, 6, 7]);
  const sealed = Uint8Array.from(line);
  outcome.initiator.encrypt?.apply(sealed);
  outcome.acceptor.decrypt?.apply(sealed);
  assert.deepEqual(sealed, line);
}

test("both roles agree for every choice of methods and every segmentation", () => {
  const methods = fc.constantFrom<MseMethod[]>(["rc4"], ["plain"], ["rc4", "plain"], ["plain", "rc4"]);
  const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 300 }));
  fc.assert(
    fc.property(methods, methods, sizes, fc.uint8Array({ maxLength: 200 }), (initiator, acceptor, stream, answer) => {
      const method = acceptor.find((candidate) => initiator.includes(candidate));
      fc.pre(method !== undefined);
      const outcome = finish(pair({ initiator, acceptor }), () => stream.next().value, answer);
      assertAgreed(outcome, method);
      assert.deepEqual(Buffer.from(outcome.initiator.payload), Buffer.from(answer));
    }),
    { numRuns: 60 },
  );
});

test("a handshake of single bytes is agreed", () => {
  assertAgreed(
    finish(pair({}), () => 1, HELLO),
    "rc4",
  );
});

test("an acceptor that does not have the torrent refuses", () => {
  const { initiator, acceptor } = pair({ known: OTHER });
  const first = feed(acceptor, initiator.start(), () => 5000);
  const offer = feed(initiator, first.sent, () => 5000);
  const { progress } = feed(acceptor, offer.sent, () => 5000);
  assert.deepEqual(progress, { at: "refused", why: "torrent_unknown" });
});

test("no method in common is refused", () => {
  const { initiator, acceptor } = pair({ initiator: ["plain"], acceptor: ["rc4"] });
  const first = feed(acceptor, initiator.start(), () => 5000);
  const { progress } = feed(acceptor, feed(initiator, first.sent, () => 5000).sent, () => 5000);
  assert.deepEqual(progress, { at: "refused", why: "method_unacceptable" });
});

test("public keys that make the secret guessable are refused", () => {
  const prime = Buffer.from(
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd" +
      "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563",
    "hex",
  );
  const minusOne = Buffer.from(prime);
  minusOne[95] = 0x62;
  const one = Buffer.alloc(96);
  one[95] = 1;
  for (const key of [Buffer.alloc(96), one, minusOne, prime, Buffer.alloc(96, 0xff)]) {
    assert.deepEqual(pair({}).acceptor.receive(key), { at: "refused", why: "public_key_degenerate" });
  }
});

test("padding without its mark is refused as soon as the mark cannot come any more", () => {
  const { initiator, acceptor } = pair({});
  acceptor.receive(initiator.start().slice(0, MSE_PUBLIC_KEY_BYTES));
  assert.equal(acceptor.receive(new Uint8Array(531)).at, "waiting");
  assert.deepEqual(acceptor.receive(new Uint8Array(1)), { at: "refused", why: "mark_missing" });
});

test("an initial payload over the limit is refused before it arrives", () => {
  const { initiator, acceptor } = pair({ payload: new Uint8Array(MSE_INITIAL_PAYLOAD_BYTES_MAX + 1) });
  const first = feed(acceptor, initiator.start(), () => 5000);
  const { progress } = feed(acceptor, feed(initiator, first.sent, () => 5000).sent, () => 5000);
  assert.deepEqual(progress, { at: "refused", why: "payload_too_long" });
});

test("every truncation of a handshake waits for the rest", () => {
  const { initiator, acceptor } = pair({});
  const first = feed(acceptor, initiator.start(), () => 5000);
  const offer = feed(initiator, first.sent, () => 5000).sent;
  for (let at = 0; at < offer.length - 1; at++) {
    assert.equal(acceptor.receive(offer.slice(at, at + 1)).at, "waiting");
  }
  assert.equal(acceptor.receive(offer.slice(-1)).at, "done");
});

test("arbitrary bytes never crash either role and always end in a refusal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1200, maxLength: 3000 }), (noise) => {
      assert.equal(pair({}).acceptor.receive(noise).at, "refused");
      assert.equal(pair({}).initiator.receive(noise).at, "refused");
    }),
  );
});
