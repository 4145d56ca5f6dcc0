// Ordinary TCP conversations that resemble what the gate looks for: everything enciphered, in the lengths and framings
// that other protocols use. Each maker names the family that it stands for.

import type { SeededRandom } from "../../src/world/sim/random.ts";
import type { Said } from "./conversation.ts";
import { bytesOf, joined } from "./frames.ts";
import { between, integer, type Maker, markBytes, oneOf, randomBytes } from "./generated-flows.ts";

type Order = "big" | "little";

function tcp(make: (random: SeededRandom) => Said[]): Maker {
  return (random) => ({ over: "tcp", said: make(random) });
}

/** Both sides in turn, for as long as a recogniser may listen. */
function exchange(random: SeededRandom, message: (by: 0 | 1, number: number) => Uint8Array): Said[] {
  const said: Said[] = [];
  const count = between(random, 3, 12);
  for (let number = 0; number < count; number += 1) {
    const by: 0 | 1 = number < 3 ? (number % 2 === 0 ? 0 : 1) : oneOf<0 | 1>(random, 0, 1);
    said.push({ by, bytes: message(by, number) });
  }
  return said;
}

/** A message cut where a small window would cut it. */
function cut(random: SeededRandom, said: readonly Said[]): Said[] {
  return said.flatMap(({ by, bytes }) => {
    if (bytes.length < 8 || random.below(3) > 0) return [{ by, bytes }];
    const at = between(random, 1, bytes.length - 1);
    return [
      { by, bytes: bytes.subarray(0, at) },
      { by, bytes: bytes.subarray(at) },
    ];
  });
}

const size = (random: SeededRandom): number => oneOf(random, between(random, 20, 120), between(random, 96, 640));

// A length of some width and order, before or behind a fixed mark, counting itself or not.
function framed(random: SeededRandom): Said[] {
  const width = oneOf(random, 2, 3, 4);
  const order = oneOf<Order>(random, "big", "little");
  const mark = markBytes(random, between(random, 0, 6));
  const counted = oneOf(random, 0, width, width + mark.length);
  const isFirst = mark.length === 0 || random.below(2) === 0;
  return exchange(random, () => {
    const body = randomBytes(random, size(random));
    const behind = counted === width + mark.length || !isFirst ? 0 : mark.length;
    const length = integer(body.length + behind + counted, width, order);
    return isFirst ? joined(length, mark, body) : joined(mark, length, body);
  });
}

// Two or three frames in one segment.
function chained(random: SeededRandom): Said[] {
  const width = oneOf(random, 2, 3, 4);
  const order = oneOf<Order>(random, "big", "little");
  const frame = (): Uint8Array => {
    const body = randomBytes(random, between(random, 16, 200));
    return joined(integer(body.length, width, order), body);
  };
  return exchange(random, () => joined(...Array.from({ length: between(random, 1, 3) }, frame)));
}

// Ethereum's RLPx since EIP-8: a length, a curve point marked 04, then frames that say nothing.
function rlpx(random: SeededRandom): Said[] {
  const greeting = (least: number): Uint8Array => {
    const body = joined(Uint8Array.of(4), randomBytes(random, between(random, least, least + 200)));
    return joined(integer(body.length, 2), body);
  };
  const frame = (): Uint8Array => randomBytes(random, 32 + 16 * between(random, 1, 12));
  return [
    { by: 0, bytes: greeting(290) },
    { by: 1, bytes: random.below(2) === 0 ? greeting(200) : joined(greeting(200), frame()) },
    { by: 0, bytes: frame() },
    { by: 1, bytes: frame() },
  ];
}

// Before EIP-8: fixed lengths and the mark.
function rlpxOld(random: SeededRandom): Said[] {
  const point = (count: number): Uint8Array => joined(Uint8Array.of(4), randomBytes(random, count - 1));
  return [
    { by: 0, bytes: point(307) },
    { by: 1, bytes: point(210) },
    { by: 0, bytes: randomBytes(random, 32 + 16 * between(random, 5, 12)) },
    { by: 1, bytes: randomBytes(random, 160) },
  ];
}

// Telegram's abridged transport in clear: ef, then a length in words of four bytes.
function telegramAbridged(random: SeededRandom): Said[] {
  const message = (): Uint8Array => {
    const words = between(random, 10, 120);
    return joined(Uint8Array.of(words), randomBytes(random, words * 4));
  };
  const said: Said[] = exchange(random, () => message());
  return said.map(({ by, bytes }, at) => ({ by, bytes: at === 0 ? joined(Uint8Array.of(0xef), bytes) : bytes }));
}

// WhatsApp's Noise: a prologue, then three bytes of length.
function noise(random: SeededRandom): Said[] {
  const message = (): Uint8Array => {
    const body = randomBytes(random, size(random));
    return joined(integer(body.length, 3), body);
  };
  const prologue = oneOf(random, bytesOf("WA\u{6}\u{3}"), bytesOf("WA\u{5}\u{2}"), bytesOf("ED\u{0}\u{1}"));
  return exchange(random, (_, number) => (number === 0 ? joined(prologue, message()) : message()));
}

// TLS records with random contents.
function tls(random: SeededRandom): Said[] {
  const record = (kind: number): Uint8Array => {
    const body = randomBytes(random, size(random));
    return joined(Uint8Array.of(kind, 3, 3), integer(body.length, 2), body);
  };
  return exchange(random, (_, number) => record(number < 2 ? 22 : 23));
}

// A fixed header with a magic number, a version and a counter before the ciphertext.
function headed(random: SeededRandom): Said[] {
  const magic = markBytes(random, between(random, 2, 4));
  let counter = random.below(1000);
  return exchange(random, () => {
    counter += 1;
    return joined(magic, integer(counter, 2), randomBytes(random, size(random)));
  });
}

// Each message begins with a kind and some zeros, as games do.
function zeroed(random: SeededRandom): Said[] {
  return exchange(random, () => joined(randomBytes(random, 2), new Uint8Array(3), randomBytes(random, size(random))));
}

// A proxy without frames (Shadowsocks and its like) that carries TLS: the greeting inside is long.
function proxiedTls(random: SeededRandom): Said[] {
  return [
    { by: 0, bytes: randomBytes(random, between(random, 620, 760)) },
    { by: 1, bytes: randomBytes(random, between(random, 1200, 1440)) },
    { by: 0, bytes: randomBytes(random, between(random, 120, 200)) },
    { by: 1, bytes: randomBytes(random, between(random, 80, 400)) },
  ];
}

// A remote shell or a game: small random messages.
function small(random: SeededRandom): Said[] {
  return exchange(random, () => randomBytes(random, between(random, 1, 95)));
}

/** A server that speaks first, whatever it says. */
function serverFirst(random: SeededRandom): Said[] {
  return exchange(random, () => randomBytes(random, size(random))).map(({ by, bytes }) => ({
    by: by === 0 ? 1 : 0,
    bytes,
  }));
}

export const ORDINARY_TCP: Readonly<Record<string, Maker>> = {
  framed: tcp(framed),
  "framed, cut": tcp((random) => cut(random, framed(random))),
  "chained frames": tcp(chained),
  RLPx: tcp(rlpx),
  "RLPx, cut": tcp((random) => cut(random, rlpx(random))),
  "old RLPx": tcp(rlpxOld),
  "Telegram abridged": tcp(telegramAbridged),
  Noise: tcp(noise),
  "Noise, cut": tcp((random) => cut(random, noise(random))),
  TLS: tcp(tls),
  "TLS, cut": tcp((random) => cut(random, tls(random))),
  headed: tcp(headed),
  zeroed: tcp(zeroed),
  "TLS in a proxy": tcp(proxiedTls),
  small: tcp(small),
  "server first": tcp(serverFirst),
};
