import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { decodeUtpPacket, encodeUtpPacket, type UtpHeader } from "../../../wire/utp/packet.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { SeededEntropy } from "../../../world/sim/entropy.ts";
import type { PeerStream } from "../transport.ts";
import { ALICE, BOB } from "./road.ts";
import { UtpSocket } from "./socket.ts";

function header(type: UtpHeader["type"], fields: Partial<UtpHeader> = {}): UtpHeader {
  const zero = { connectionId: 5, sentUs: 0, delayUs: 0, windowBytes: 100_000, sequence: 1, acknowledged: 0 };
  return { type, ...zero, selectiveAck: undefined, ...fields };
}

class Lonely {
  readonly clock = new SimClock();
  readonly sent: Uint8Array[] = [];
  readonly accepted: PeerStream[] = [];
  readonly socket: UtpSocket;

  constructor() {
    const turn = {
      end: (callback: () => void) => {
        this.clock.after(0, callback);
      },
    };
    this.socket = new UtpSocket(
      { clock: this.clock, entropy: new SeededEntropy(3), turn },
      { send: (bytes) => this.sent.push(Uint8Array.from(bytes)), close: () => undefined },
      { mayAccept: (remote) => remote.host !== "10.9.9.9", accept: (stream) => this.accepted.push(stream) },
    );
  }

  receive(packet: UtpHeader, from: Endpoint, payload: Uint8Array = new Uint8Array(0)): void {
    this.socket.receive(encodeUtpPacket(packet, payload), from);
  }
}

test("H72: a forged SYN gets one packet no longer than itself, no data, and is forgotten", async () => {
  const lonely = new Lonely();
  lonely.receive(header("syn"), ALICE);
  await lonely.clock.advance(60_000);
  assert.equal(lonely.sent.length, 1);
  assert.ok((lonely.sent[0]?.length ?? 99) <= 20);
  assert.equal(lonely.accepted.length, 0);
  assert.equal(lonely.socket.connectionCount, 0);
});

test("H72: refusals are no longer than what they answer, and few", async () => {
  const lonely = new Lonely();
  for (let n = 0; n < 1000; n++) lonely.receive(header("data", { connectionId: n }), ALICE, new Uint8Array(1));
  assert.ok(lonely.sent.length <= 16);
  for (const packet of lonely.sent) assert.equal(packet.length, 20);
});

test("H65: half-open connections are capped for each host and in all, and others still get in", async () => {
  const lonely = new Lonely();
  for (let n = 0; n < 1000; n++) lonely.receive(header("syn", { connectionId: n * 2 }), ALICE);
  assert.equal(lonely.socket.connectionCount, 16);
  for (let n = 0; n < 10_000; n++) lonely.receive(header("syn"), { host: `10.1.${n >> 8}.${n & 255}`, port: 7 });
  assert.equal(lonely.socket.connectionCount, 512);
  await lonely.clock.advance(11_000);
  lonely.receive(header("syn"), BOB);
  assert.equal(lonely.socket.connectionCount, 1);
});

test("a host that admission refuses gets no answer at all", async () => {
  const lonely = new Lonely();
  lonely.receive(header("syn"), { host: "10.9.9.9", port: 5 });
  await lonely.clock.advance(5000);
  assert.equal(lonely.sent.length, 0);
});

test("acknowledgements of what was never sent, and floods of early packets, change nothing", async () => {
  const lonely = new Lonely();
  lonely.receive(header("syn"), ALICE);
  await lonely.clock.advance(10);
  const answer = present(decodeUtpPacket(present(lonely.sent[0], "answer")), "packet");
  const acknowledged = (answer.sequence - 1) & 0xffff;
  lonely.receive(header("data", { connectionId: 6, sequence: 2, acknowledged }), ALICE, Buffer.from("ab"));
  const got: Buffer[] = [];
  present(lonely.accepted[0], "stream").start({
    onData: (bytes) => got.push(Buffer.from(bytes)),
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  const lying = (acknowledged + 5) & 0xffff;
  lonely.receive(header("data", { connectionId: 6, sequence: 3, acknowledged: lying }), ALICE, Buffer.from("no"));
  for (let sequence = 5; sequence < 9000; sequence++) {
    lonely.receive(header("data", { connectionId: 6, sequence, acknowledged }), ALICE, new Uint8Array(1400));
  }
  await lonely.clock.advance(10);
  const last = present(decodeUtpPacket(present(lonely.sent.at(-1), "ack")), "packet");
  assert.equal(Buffer.concat(got).toString(), "ab");
  assert.ok(last.windowBytes < 2 * 1024 * 1024);
  assert.ok((last.selectiveAck?.length ?? 0) <= 252);
});
