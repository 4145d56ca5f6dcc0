import assert from "node:assert/strict";
import { test } from "node:test";
import { METADATA_BYTES_MAX, METADATA_PIECE_BYTES } from "../../wire/peer/metadata-message.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { MetadataFetch } from "./metadata-fetch.ts";

const at = (ms: number) => ms as MonotonicMs;
// A fetch only tells sessions apart; it never calls them.
const peer = () => ({}) as PeerSession;

function fetching(accepts: (bytes: Uint8Array) => boolean = () => true) {
  const asked: [PeerSession, number][] = [];
  const offered: Uint8Array[] = [];
  const forged: PeerSession[] = [];
  const fetch = new MetadataFetch({
    ask: (session, piece) => asked.push([session, piece]),
    offer: (bytes) => {
      offered.push(bytes);
      return accepts(bytes);
    },
    forged: (session) => forged.push(session),
  });
  return { fetch, asked, offered, forged };
}

test("H51: a metadata size of 2 GiB, below one, or none at all is not believed, and nothing is asked for", () => {
  const { fetch, asked } = fetching();
  for (const bytes of [2 ** 31, METADATA_BYTES_MAX + 1, 0, -1, -(2 ** 31), undefined]) {
    fetch.peerReady(peer(), bytes, at(0));
  }
  assert.deepEqual(asked, []);
});

test("the whole dictionary is asked of a peer, a few pieces at a time, and offered when it is complete", () => {
  const { fetch, asked, offered } = fetching();
  const session = peer();
  const totalBytes = 5 * METADATA_PIECE_BYTES + 7;
  fetch.peerReady(session, totalBytes, at(0));
  for (let piece = 0; piece < 6; piece++) {
    assert.ok(asked.length - piece <= 4);
    const data = new Uint8Array(piece === 5 ? 7 : METADATA_PIECE_BYTES).fill(piece);
    assert.equal(fetch.received(session, { type: "data", piece, totalBytes, data }, at(1)), undefined);
  }
  assert.deepEqual(
    asked.map(([, piece]) => piece),
    [0, 1, 2, 3, 4, 5],
  );
  assert.equal(offered[0]?.length, totalBytes);
  assert.ok(fetch.isDone);
});

test("a piece of the wrong length, or one that was not asked for, is a fault of the peer", () => {
  const { fetch } = fetching();
  const session = peer();
  fetch.peerReady(session, 100, at(0));
  const data = (piece: number, bytes: number) =>
    fetch.received(session, { type: "data", piece, totalBytes: 100, data: new Uint8Array(bytes) }, at(1));
  assert.equal(data(0, 99), "metadata-piece-wrong");
  assert.equal(data(1, 100), "metadata-piece-wrong");
});

test("H23: a dictionary that is not the one that the magnet names marks its sender, and others are asked", () => {
  const { fetch, asked, forged } = fetching((bytes) => bytes[0] === 1);
  const [liar, honest] = [peer(), peer()];
  fetch.peerReady(liar, 10, at(0));
  fetch.received(liar, { type: "data", piece: 0, totalBytes: 10, data: new Uint8Array(10) }, at(1));
  assert.deepEqual(forged, [liar]);
  assert.equal(fetch.isDone, false);
  fetch.peerReady(honest, 10, at(2));
  fetch.received(honest, { type: "data", piece: 0, totalBytes: 10, data: new Uint8Array(10).fill(1) }, at(3));
  assert.ok(fetch.isDone);
  assert.equal(asked.length, 2);
});

test("a silent peer gives its place to one that waits", () => {
  const { fetch, asked } = fetching();
  const sessions = Array.from({ length: 4 }, peer);
  for (const session of sessions) fetch.peerReady(session, 10, at(0));
  assert.equal(asked.length, 3);
  fetch.tick(at(20_000));
  assert.equal(asked.length, 4);
  assert.equal(asked[3]?.[0], sessions[3]);
});

test("H64: who sends the same piece again and again is as good as silent", () => {
  const { fetch, asked } = fetching();
  const [first, second, third, waiting] = [peer(), peer(), peer(), peer()];
  const totalBytes = 2 * METADATA_PIECE_BYTES;
  for (const session of [first, second, third, waiting]) fetch.peerReady(session, totalBytes, at(0));
  const data = new Uint8Array(METADATA_PIECE_BYTES);
  for (let ms = 0; ms <= 20_000; ms += 1_000) {
    for (const session of [first, second, third])
      fetch.received(session, { type: "data", piece: 0, totalBytes, data }, at(ms));
    fetch.tick(at(ms));
  }
  assert.ok(asked.some(([session]) => session === waiting));
});
