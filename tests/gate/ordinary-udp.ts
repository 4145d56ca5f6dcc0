// Ordinary datagrams that resemble what the gate looks for: uTP's neighbours in form, Kad's in length, and everything that
// is enciphered behind a few fixed bytes.

import type { SeededRandom } from "../../src/world/sim/random.ts";
import type { Said } from "./conversation.ts";
import { bytesOf, ipv6, joined } from "./frames.ts";
import { between, integer, type Maker, markBytes, oneOf, randomBytes } from "./generated-flows.ts";

function udp(make: (random: SeededRandom) => Said[]): Maker {
  return (random) => ({ over: "udp", said: make(random) });
}

type Message = (by: 0 | 1, number: number) => Uint8Array;

/** Question and answer in turn. */
function inTurn(random: SeededRandom, message: Message): Said[] {
  return Array.from({ length: between(random, 2, 16) }, (_, number) => {
    const by = (number % 2) as 0 | 1;
    return { by, bytes: message(by, number) };
  });
}

/** Both sides whenever they like. */
function mixed(random: SeededRandom, message: Message): Said[] {
  return Array.from({ length: between(random, 2, 16) }, (_, number) => {
    const by = oneOf<0 | 1>(random, 0, 1);
    return { by, bytes: message(by, number) };
  });
}

/** The lengths that Kad's requests and answers have under encryption. */
const KAD_SIZES = [18, 20, 22, 35, 36, 37, 39, 51, 60, 85, 110, 135, 160, 185, 210, 235, 260] as const;

// Datagrams of Kad's lengths, random from the first byte on, in no order.
function kadSized(random: SeededRandom): Said[] {
  return mixed(random, () => randomBytes(random, oneOf(random, 18, ...KAD_SIZES)));
}

// The same behind fixed bytes: a game or a voice call whose packets happen to be as long.
function kadSizedHeaded(random: SeededRandom): Said[] {
  const sizes = [oneOf(random, 18, ...KAD_SIZES), oneOf(random, 18, ...KAD_SIZES)];
  const marks = [markBytes(random, between(random, 2, 4)), markBytes(random, between(random, 2, 4))];
  return inTurn(random, (by) =>
    joined(
      marks[by] ?? new Uint8Array(0),
      randomBytes(random, Math.max(1, (sizes[by] ?? 18) - (marks[by]?.length ?? 0))),
    ),
  );
}

// Two sizes, one each way, and a counter in front.
function counted(random: SeededRandom): Said[] {
  const sizes = [between(random, 18, 120), between(random, 18, 120)];
  const order = oneOf<"big" | "little">(random, "big", "little");
  const first = random.below(60_000);
  return inTurn(random, (by, number) =>
    joined(integer(first + number, 2, order), randomBytes(random, (sizes[by] ?? 18) - 2)),
  );
}

function random16(random: SeededRandom): Said[] {
  return inTurn(random, () => randomBytes(random, 16));
}

function anySize(random: SeededRandom): Said[] {
  return mixed(random, () => randomBytes(random, between(random, 1, 1200)));
}

// WireGuard and its like: a kind, three zeros, an index, a counter.
function wireguard(random: SeededRandom): Said[] {
  const index = randomBytes(random, 4);
  const packet = (kind: number, count: number): Uint8Array =>
    joined(Uint8Array.of(kind, 0, 0, 0), randomBytes(random, count - 4));
  return [
    { by: 0, bytes: packet(1, 148) },
    { by: 1, bytes: packet(2, 92) },
    ...mixed(random, (_, number) =>
      joined(
        Uint8Array.of(4, 0, 0, 0),
        index,
        integer(number, 8, "little"),
        randomBytes(random, between(random, 16, 400)),
      ),
    ),
  ];
}

function rtp(random: SeededRandom): Said[] {
  const source = randomBytes(random, 4);
  const first = random.below(65_000);
  return mixed(random, (_, number) =>
    joined(
      Uint8Array.of(0x80, oneOf(random, 96, 111, 0, 8)),
      integer(first + number, 2),
      integer(number * 160, 4),
      source,
      randomBytes(random, between(random, 20, 172)),
    ),
  );
}

function stun(random: SeededRandom): Said[] {
  return inTurn(random, (by) => {
    const attributes = randomBytes(random, 4 * between(random, 0, 24));
    const transaction = randomBytes(random, 12);
    return joined(
      Uint8Array.of(by, 1),
      integer(attributes.length, 2),
      Uint8Array.of(0x21, 0x12, 0xa4, 0x42),
      transaction,
      attributes,
    );
  });
}

function dtls(random: SeededRandom): Said[] {
  return mixed(random, (_, number) => {
    const body = randomBytes(random, between(random, 16, 400));
    return joined(Uint8Array.of(oneOf(random, 22, 23), 0xfe, 0xfd), integer(number, 8), integer(body.length, 2), body);
  });
}

function quic(random: SeededRandom): Said[] {
  const id = randomBytes(random, 8);
  return mixed(random, (_, number) =>
    number < 2
      ? joined(Uint8Array.of(0xc0 | random.below(16), 0, 0, 0, 1, 8), id, randomBytes(random, 1180))
      : joined(Uint8Array.of(0x40 | random.below(64)), id, randomBytes(random, between(random, 20, 1200))),
  );
}

function dns(random: SeededRandom): Said[] {
  const label = (): Uint8Array => {
    const text = bytesOf("abcdefghijklmnopqrstuvwxyz".slice(0, between(random, 1, 12)));
    return joined(Uint8Array.of(text.length), text);
  };
  const id = oneOf(random, randomBytes(random, 2), Uint8Array.of(0x41, 0), Uint8Array.of(0x21, 0), Uint8Array.of(1, 0));
  const question = joined(label(), label(), Uint8Array.of(0, 0, 1, 0, 1));
  return [
    { by: 0, bytes: joined(id, Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 0), question) },
    {
      by: 1,
      bytes: joined(
        id,
        Uint8Array.of(0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0),
        question,
        Uint8Array.of(0xc0, 12, 0, 1, 0, 1),
        randomBytes(random, 10),
      ),
    },
  ];
}

// Versioned headers whose first byte is one of uTP's, with constant identifiers and counters both ways.
function utpLike(random: SeededRandom): Said[] {
  const header = joined(
    Uint8Array.of(oneOf(random, 0x01, 0x11, 0x21, 0x31, 0x41), oneOf(random, 0, 0, 1, 2)),
    randomBytes(random, 2),
  );
  const fixed = randomBytes(random, 4);
  const isCounting = random.below(2) === 0;
  return mixed(random, (_, number) =>
    joined(
      header,
      isCounting ? integer(number * 20, 4) : randomBytes(random, 4),
      oneOf(random, new Uint8Array(4), randomBytes(random, 4)),
      fixed,
      oneOf(random, fixed, integer(number, 4), randomBytes(random, 4)),
      randomBytes(random, oneOf(random, 0, between(random, 1, 300))),
    ),
  );
}

// Small structured messages whose fields are mostly zero.
function sparse(random: SeededRandom): Said[] {
  const kind = random.below(256);
  return inTurn(random, (by, number) => {
    const bytes = new Uint8Array(between(random, 2, 60));
    bytes[0] = kind;
    for (let at = 1; at < bytes.length; at += 1) if (random.below(4) === 0) bytes[at] = random.below(8);
    if (bytes.length > 4) bytes[3] = number * 2 + by;
    return bytes;
  });
}

const UDP_HEADER = Uint8Array.of(0x10, 0x92, 0x10, 0x92);
const NO_NEXT = 59;

function teredo(random: SeededRandom): Said[] {
  return inTurn(random, () => {
    const address = joined(Uint8Array.of(0x20, 1, 0, 0), randomBytes(random, 12));
    return ipv6(oneOf(random, 58, NO_NEXT), randomBytes(random, between(random, 0, 80)), address);
  });
}

// AYIYA: identity and signature lengths, epoch, identity, signature, then IPv6.
function ayiya(random: SeededRandom): Said[] {
  return mixed(random, () =>
    joined(Uint8Array.of(0x44, 0x52, 0x11, 0x29), randomBytes(random, 40), ipv6(58, randomBytes(random, 40))),
  );
}

function gtp(random: SeededRandom): Said[] {
  return mixed(random, () => {
    const inner = joined(
      Uint8Array.of(0x45, 0),
      integer(60, 2),
      randomBytes(random, 4),
      Uint8Array.of(64, 1),
      randomBytes(random, 50),
    );
    return joined(Uint8Array.of(0x30, 0xff), integer(inner.length, 2), randomBytes(random, 4), inner);
  });
}

function vxlan(random: SeededRandom): Said[] {
  return mixed(random, () =>
    joined(Uint8Array.of(8, 0, 0, 0), randomBytes(random, 3), Uint8Array.of(0), randomBytes(random, 80)),
  );
}

function openvpn(random: SeededRandom): Said[] {
  const session = [randomBytes(random, 8), randomBytes(random, 8)];
  return mixed(random, (by, number) =>
    joined(
      Uint8Array.of(oneOf(random, 0x38, 0x40, 0x20, 0x28, 0x48)),
      session[by] ?? UDP_HEADER,
      integer(number, 4),
      randomBytes(random, between(random, 8, 300)),
    ),
  );
}

export const ORDINARY_UDP: Readonly<Record<string, Maker>> = {
  "Kad-sized behind a mark": udp(kadSizedHeaded),
  counted: udp(counted),
  "sixteen bytes": udp(random16),
  "any size": udp(anySize),
  WireGuard: udp(wireguard),
  RTP: udp(rtp),
  STUN: udp(stun),
  DTLS: udp(dtls),
  QUIC: udp(quic),
  DNS: udp(dns),
  "uTP-like": udp(utpLike),
  sparse: udp(sparse),
  Teredo: udp(teredo),
  AYIYA: udp(ayiya),
  "GTP-U": udp(gtp),
  VXLAN: udp(vxlan),
  OpenVPN: udp(openvpn),
};

export const KAD_SIZED: Maker = udp(kadSized);
