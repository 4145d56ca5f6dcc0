import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { type DhtItem, isSigned, itemTarget, signedBytes } from "../../wire/dht/item.ts";
import { type DhtMessage, readDhtMessage, writeQuery } from "../../wire/dht/krpc.ts";
import { SeededEntropy } from "../../world/sim/entropy.ts";
import { AnnounceTokens } from "./announce-tokens.ts";
import { ItemStore } from "./item-store.ts";
import { PeerStore } from "./peer-store.ts";
import { Responder } from "./responder.ts";

const FROM = { host: "10.0.0.2", port: 7000 };
const ABOUT = {
  kind: "query",
  transaction: Uint8Array.of(1),
  id: new Uint8Array(20).fill(7),
  readOnly: false,
} as const;

/** A node that answers one asker, which has proven its address. */
class Answering {
  readonly items = new ItemStore();
  readonly tokens = new AnnounceTokens(new SeededEntropy(1), 0);
  nowMs = 0;
  readonly #sent: Uint8Array[] = [];
  readonly #responder = new Responder({
    ownId: () => new Uint8Array(20),
    nearest: () => [],
    tokens: this.tokens,
    peers: new PeerStore(),
    items: this.items,
    send: (bytes) => this.#sent.push(bytes),
    challenge: async () => false,
    nowMs: () => this.nowMs,
  });

  ask(query: Uint8Array): DhtMessage {
    this.nowMs += 1_000;
    this.#responder.proven(FROM);
    const message = readDhtMessage(query);
    if (message?.kind === "query") this.#responder.answer(message, FROM, query.length);
    else if (message?.kind === "misfit") this.#responder.refuse(message, FROM, query.length);
    return present(readDhtMessage(present(this.#sent.pop(), "an answer")), "a message");
  }

  put(item: DhtItem, compare?: number, token = this.tokens.tokenFor(FROM.host, this.nowMs)): number | "stored" {
    const answer = this.ask(writeQuery({ ...ABOUT, method: "put", token, item, compare }));
    return answer.kind === "error" ? answer.code : "stored";
  }

  get(target: Uint8Array, newerThan?: number): DhtItem | undefined {
    const answer = this.ask(writeQuery({ ...ABOUT, method: "get", target, want: [], newerThan }));
    truthy(answer.kind === "reply" && answer.token !== undefined, "every get is given a token to put with");
    return answer.item;
  }
}

const plain = (text: string): DhtItem => ({ value: encode(text), mutable: undefined });

class Author {
  readonly #pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync("ed25519");
  readonly key = Buffer.from(present(this.#pair.publicKey.export({ format: "jwk" }).x, "x"), "base64url");

  item(text: string, sequence: number, salt = new Uint8Array(0)): DhtItem {
    const value = encode(text);
    const signature = sign(null, signedBytes(value, { salt, sequence }), this.#pair.privateKey);
    return { value, mutable: { key: this.key, salt, sequence, signature } };
  }
}

test("the vectors of BEP 44 come out: names and signatures, with and without salt", () => {
  const key = Buffer.from("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548", "hex");
  const value = Buffer.from("12:Hello World!");
  const unsalted =
    "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01";
  const salted =
    "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08";
  const item = (salt: string, signature: string): DhtItem => ({
    value,
    mutable: { key, salt: Buffer.from(salt), sequence: 1, signature: Buffer.from(signature, "hex") },
  });
  const hex = (one: DhtItem) => Buffer.from(itemTarget(one)).toString("hex");
  equal(hex(item("", unsalted)), "4a533d47ec9c7d95b1ad75f576cffc641853b750");
  equal(hex(item("foobar", salted)), "411eba73b6f087ca51a3795d9c8c938d365e32c1");
  equal(hex({ value, mutable: undefined }), "e5f96f6f38320f0f33959cb4d3d656452117aadb");
  deepEqual([isSigned(item("", unsalted)), isSigned(item("foobar", salted))], [true, true]);
  deepEqual([isSigned(item("", salted)), isSigned(item("foobaz", salted))], [false, false]);
});

test("what is put is given to whoever asks for it, until two hours have passed", () => {
  const node = new Answering();
  const item = plain("hello");
  equal(node.put(item), "stored");
  deepEqual(node.get(itemTarget(item))?.value, item.value);
  node.nowMs += 2 * 3_600_000;
  equal(node.get(itemTarget(item)), undefined);
});

test("an author replaces what is older, and nobody sends again what the asker has", () => {
  const node = new Answering();
  const author = new Author();
  const target = itemTarget(author.item("", 0));
  equal(node.put(author.item("one", 1)), "stored");
  equal(node.put(author.item("two", 2)), "stored");
  equal(node.put(author.item("two", 2)), "stored", "the same again is kept for longer");
  deepEqual(node.get(target)?.value, encode("two"));
  equal(node.get(target, 2), undefined);
  deepEqual(node.get(target, 1)?.mutable?.sequence, 2);
});

test("H69: a salt of 65 bytes, a value of 1,001, an old number and a wrong signature each have their error", () => {
  const node = new Answering();
  const author = new Author();
  equal(node.put(author.item("x", 1, new Uint8Array(64))), "stored");
  equal(node.put(author.item("x", 1, new Uint8Array(65))), 207);
  equal(node.put(plain("y".repeat(997))), 205, "1,000 bytes with its length in front is the most");
  equal(node.put(plain("y".repeat(996))), "stored");
  const good = author.item("good", 5);
  const forged = { ...good, value: encode("evil") };
  equal(node.put(forged), 206);
  const noPoint = { ...good, mutable: { ...present(good.mutable, "an author"), key: new Uint8Array(32).fill(0xff) } };
  equal(node.put(noPoint), 206);
  equal(node.put(good), "stored");
  equal(node.put(author.item("older", 4)), 302);
  equal(node.put(author.item("other", 5)), 302, "one number has one value");
  equal(node.put(author.item("next", 6), 4), 301);
  equal(node.put(author.item("next", 6), 5), "stored");
  deepEqual(node.get(itemTarget(good))?.value, encode("next"));
});

test("H68: a put with a forged token, or none, is an error and is not kept", () => {
  const node = new Answering();
  equal(node.put(plain("x"), undefined, new Uint8Array(8)), 203);
  const bare = encode({ a: { id: ABOUT.id, v: "x" }, q: "put", t: "a", y: "q" });
  const answer = node.ask(bare);
  equal(answer.kind === "error" && answer.code, 203);
  equal(node.items.size, 0);
});

test("a flood of items pushes out the oldest, and never takes more room", () => {
  const store = new ItemStore();
  for (let n = 0; n < 3_000; n++) store.put(plain(`item ${n}`), undefined, n);
  equal(store.size, 1_000);
  equal(store.get(itemTarget(plain("item 1999")), 3_000), undefined);
  truthy(store.get(itemTarget(plain("item 2000")), 3_000));
});
