import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import type { Failure } from "../../../base/failure.ts";
import { ok, type Result } from "../../../base/result.ts";
import { realEntropy } from "../../../world/real/entropy.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { memoryPair } from "../memory-pair.ts";
import type { ListenRequest, PeerStream, Transport } from "../transport.ts";
import { type MsePolicy, MseTransport } from "./transport.ts";

const TORRENT = new Uint8Array(20).fill(7);
const HELLO = Buffer.concat([Buffer.from("\u{13}BitTorrent protocol"), Buffer.alloc(48, 1)]);
const NEVER = new AbortController().signal;

/** A transport whose every dial reaches its own listener. */
class Loop implements Transport {
  readonly name = "tcp";
  readonly #chunkBytes: number;
  #request: ListenRequest | undefined;
  dials = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  async dial(): Promise<Result<PeerStream, Failure>> {
    this.dials += 1;
    const [dialled, accepted] = memoryPair("tcp", this.#chunkBytes);
    present(this.#request, "a listener").accept(accepted);
    return ok(dialled);
  }

  async listen(request: ListenRequest) {
    this.#request = request;
    return ok({ at: request.at, close: async () => undefined });
  }
}

class World {
  readonly clock = new SimClock();
  readonly loop: Loop;
  readonly accepted: PeerStream[] = [];

  constructor(chunkBytes = 1000) {
    this.loop = new Loop(chunkBytes);
  }

  transport(policy: MsePolicy): MseTransport {
    return new MseTransport({ inner: this.loop, policy }, { clock: this.clock, entropy: realEntropy });
  }

  async listen(transport: Transport): Promise<void> {
    const at = { host: "10.0.0.2", port: 2 };
    const infoHashes = () => [TORRENT];
    const accept = (stream: PeerStream) => this.accepted.push(stream);
    await transport.listen?.({ at, infoHashes, mayAccept: () => true, accept });
  }

  async dial(transport: Transport, infoHash = TORRENT): Promise<Result<PeerStream, Failure>> {
    const dialling = transport.dial({ remote: { host: "10.0.0.2", port: 2 }, infoHash, signal: NEVER });
    await this.clock.advance(0);
    await this.clock.advance(20_000);
    return dialling;
  }
}

function collect(stream: PeerStream): { bytes: Buffer; closedWhy: string | undefined } {
  const got = { bytes: Buffer.alloc(0), closedWhy: undefined as string | undefined };
  stream.start({
    onData: (bytes) => {
      got.bytes = Buffer.concat([got.bytes, bytes]);
    },
    onDrain: () => undefined,
    onClose: (why) => {
      got.closedWhy = why;
    },
  });
  return got;
}

async function assertCarries(world: World, stream: PeerStream, transport: string): Promise<void> {
  const accepted = present(world.accepted[0], "an accepted stream");
  assert.equal(stream.transport, transport);
  assert.equal(accepted.transport, transport);
  const there = collect(accepted);
  const back = collect(stream);
  const sent = Buffer.from(HELLO);
  stream.write(sent);
  accepted.write(Buffer.alloc(100_000, 5));
  await world.clock.advance(1);
  assert.ok(there.bytes.equals(HELLO));
  assert.ok(back.bytes.equals(Buffer.alloc(100_000, 5)));
  assert.ok(sent.equals(HELLO), "what was written is not encrypted in place");
}

for (const chunkBytes of [1, 7, 100_000]) {
  test(`a stream is encrypted between two that want it, in chunks of ${chunkBytes}`, async () => {
    const world = new World(chunkBytes);
    await world.listen(world.transport("require"));
    const dialled = await world.dial(world.transport("prefer"));
    assert.ok(dialled.ok);
    await assertCarries(world, dialled.value, "mse");
  });
}

test("who prefers encryption accepts a plain peer, its first bytes included", async () => {
  const world = new World(3);
  await world.listen(world.transport("prefer"));
  const dialled = await world.loop.dial();
  assert.ok(dialled.ok);
  dialled.value.write(HELLO);
  await world.clock.advance(1);
  const accepted = present(world.accepted[0], "accepted");
  const got = collect(accepted);
  await world.clock.advance(1);
  assert.equal(accepted.transport, "tcp");
  assert.ok(got.bytes.equals(HELLO));
});

test("who requires encryption closes on a plain peer", async () => {
  const world = new World();
  await world.listen(world.transport("require"));
  const dialled = await world.loop.dial();
  assert.ok(dialled.ok);
  const got = collect(dialled.value);
  dialled.value.write(HELLO);
  await world.clock.advance(1);
  assert.equal(world.accepted.length, 0);
  assert.equal(got.closedWhy, "ended");
});

test("who prefers encryption dials a peer without it again, plainly; who requires it gives up", async () => {
  const plainPeer = (world: World): Transport => ({
    name: "tcp",
    dial: () => world.loop.dial(),
    listen: (request) =>
      world.loop.listen({
        ...request,
        accept: (stream) => {
          stream.start({
            onData: (bytes) => {
              if (bytes[0] !== 0x13) stream.close("not BitTorrent");
            },
            onDrain: () => undefined,
            onClose: () => undefined,
          });
        },
      }),
  });
  const world = new World();
  await world.listen(plainPeer(world));
  const preferring = await world.dial(world.transport("prefer"));
  assert.ok(preferring.ok);
  assert.equal(preferring.value.transport, "tcp");
  assert.equal(world.loop.dials, 2);
  const requiring = await world.dial(world.transport("require"));
  assert.ok(!requiring.ok);
  assert.equal(requiring.error.code, "engine.peer_unreachable");
  assert.equal(world.loop.dials, 3);
});

test("a torrent that nobody has here is refused", async () => {
  const world = new World();
  await world.listen(world.transport("require"));
  const dialled = await world.dial(world.transport("require"), new Uint8Array(20).fill(8));
  assert.ok(!dialled.ok);
  assert.equal(world.accepted.length, 0);
});

test("H64: a newcomer that says nothing is closed after fifteen seconds", async () => {
  const world = new World();
  await world.listen(world.transport("prefer"));
  const dialled = await world.loop.dial();
  assert.ok(dialled.ok);
  const got = collect(dialled.value);
  await world.clock.advance(14_000);
  assert.equal(got.closedWhy, undefined);
  await world.clock.advance(2000);
  assert.equal(got.closedWhy, "ended");
});
