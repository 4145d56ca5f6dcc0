// What arrives before and below the peer wire: uTP datagrams, MSE handshakes, multicast, a proxy's answers.

import { UtpSocket } from "../../../src/engine/transport/utp/socket.ts";
import { decodeLsdAnnounce, encodeLsdAnnounce } from "../../../src/wire/lsd/announce.ts";
import { MseAcceptor } from "../../../src/wire/mse/acceptor.ts";
import type { MseProgress } from "../../../src/wire/mse/handshake.ts";
import { MseInitiator } from "../../../src/wire/mse/initiator.ts";
import { torrentMark } from "../../../src/wire/mse/keys.ts";
import { SocksHandshake, unwrapSocksDatagram } from "../../../src/wire/socks/handshake.ts";
import { decodeUtpPacket, encodeUtpPacket, UNSTAMPED, type UtpHeader } from "../../../src/wire/utp/packet.ts";
import { SimClock } from "../../../src/world/sim/clock.ts";
import { SeededEntropy } from "../../../src/world/sim/entropy.ts";
import type { FuzzTarget } from "../target.ts";

const TORRENT = new Uint8Array(20).fill(7);
const REMOTE = { host: "10.0.0.1", port: 7 };

function packet(type: UtpHeader["type"], fields: Partial<UtpHeader>, payloadBytes = 0): Uint8Array {
  const header = {
    type,
    connectionId: 5,
    sequence: 1,
    selectiveAck: undefined,
    ...UNSTAMPED,
    windowBytes: 9999,
    ...fields,
  };
  return new Uint8Array(encodeUtpPacket(header, new Uint8Array(payloadBytes)));
}

export const UTP_PACKET: FuzzTarget = {
  name: "utp-packet",
  seeds: () => [
    packet("syn", {}),
    packet("state", { selectiveAck: new Uint8Array(8).fill(3) }),
    packet("data", {}, 100),
  ],
  run(input) {
    const decoded = decodeUtpPacket(input);
    if (decoded === undefined) return "none";
    return `${decoded.type} ${decoded.selectiveAck?.length} ${decoded.closeReason === undefined}`;
  },
};

/** An input is a row of datagrams, each after two bytes of length, for one socket that has a connection open. */
export const UTP_SOCKET: FuzzTarget = {
  name: "utp-socket",
  seeds: () => [
    framed(
      packet("syn", {}),
      packet("data", { connectionId: 6, sequence: 2 }, 30),
      packet("fin", { connectionId: 6, sequence: 3 }),
    ),
    framed(packet("data", { connectionId: 6, sequence: 9 }, 30), packet("reset", { connectionId: 6 })),
  ],
  run(input) {
    const clock = new SimClock();
    let sent = 0;
    let delivered = 0;
    let closed = "";
    const turns: (() => void)[] = [];
    const socket = new UtpSocket(
      { clock, entropy: new SeededEntropy(1), turn: { end: (callback) => turns.push(callback) } },
      {
        send: (bytes) => {
          sent += bytes.length;
        },
        close: () => undefined,
      },
      {
        mayAccept: () => true,
        accept: (stream) => {
          stream.start({
            onData: (bytes) => {
              delivered += bytes.length;
            },
            onDrain: () => undefined,
            onClose: (why) => {
              closed = why;
            },
          });
          stream.write(new Uint8Array(5000));
        },
      },
    );
    // The acceptor's first number is what its entropy says: a guess that fuzzing would not make.
    const first = new SeededEntropy(1).bytes(2);
    const acknowledged = ((((first[0] ?? 0) << 8) | (first[1] ?? 0)) - 1) & 0xffff;
    socket.receive(packet("syn", {}), REMOTE);
    socket.receive(packet("data", { connectionId: 6, sequence: 2, acknowledged }, 10), REMOTE);
    for (let at = 0; at + 2 <= input.length; ) {
      const lengthBytes = (((input[at] ?? 0) << 8) | (input[at + 1] ?? 0)) % 1500;
      socket.receive(input.subarray(at + 2, at + 2 + lengthBytes), REMOTE);
      at += 2 + lengthBytes;
      for (const turn of turns.splice(0)) turn();
    }
    if (sent > 100_000) throw new Error(`${sent} bytes were sent for ${input.length}`);
    return `${socket.connectionCount} ${delivered} ${closed} ${Math.ceil(sent / 500)}`;
  },
};

function framed(...datagrams: readonly Uint8Array[]): Uint8Array {
  const parts = datagrams.flatMap((bytes) => [Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
  return new Uint8Array(Buffer.concat(parts));
}

function mseOutcome(progress: MseProgress): string {
  return progress.at === "refused" ? progress.why : progress.at;
}

export const MSE_ACCEPTOR: FuzzTarget = {
  name: "mse-acceptor",
  seeds: () => {
    const { initiator, acceptor } = mseRoles();
    const opening = initiator.start();
    const answer = acceptor.receive(opening);
    const offer = answer.at === "waiting" ? initiator.receive(answer.send) : answer;
    const sent = offer.at === "waiting" ? offer.send : new Uint8Array(0);
    return [new Uint8Array(Buffer.concat([opening, sent]))];
  },
  run: (input) => mseOutcome(mseRoles().acceptor.receive(input)),
};

export const MSE_INITIATOR: FuzzTarget = {
  name: "mse-initiator",
  seeds: () => {
    const { initiator, acceptor } = mseRoles();
    const first = acceptor.receive(initiator.start());
    if (first.at !== "waiting") return [];
    const offer = initiator.receive(first.send);
    const second = offer.at === "waiting" ? acceptor.receive(offer.send) : offer;
    return second.at === "done" ? [new Uint8Array(Buffer.concat([first.send, second.send]))] : [];
  },
  run(input) {
    const { initiator } = mseRoles();
    initiator.start();
    return mseOutcome(initiator.receive(input));
  },
};

// The same keys each time: a recorded handshake stays valid, and changes of it reach every state.
function mseRoles(): { readonly initiator: MseInitiator; readonly acceptor: MseAcceptor } {
  const initiatorEntropy = new SeededEntropy(1);
  const acceptorEntropy = new SeededEntropy(2);
  return {
    initiator: new MseInitiator({
      torrentKey: TORRENT,
      methods: ["rc4", "plain"],
      initialPayload: new Uint8Array(68),
      randomBytes: (count) => initiatorEntropy.bytes(count),
    }),
    acceptor: new MseAcceptor({
      torrentKeyOf: (mark) => (Buffer.from(mark).equals(torrentMark(TORRENT)) ? TORRENT : undefined),
      methods: ["rc4", "plain"],
      randomBytes: (count) => acceptorEntropy.bytes(count),
    }),
  };
}

export const LSD: FuzzTarget = {
  name: "lsd",
  seeds: () => [encodeLsdAnnounce({ infoHashes: [TORRENT], port: 6881, cookie: "c" }, 4)],
  run(input) {
    const announce = decodeLsdAnnounce(input);
    return announce === undefined ? "none" : `${announce.infoHashes.length} ${announce.cookie?.length}`;
  },
};

export const SOCKS: FuzzTarget = {
  name: "socks",
  seeds: () => [new Uint8Array(Buffer.from("0500050000010a0000010017", "hex"))],
  run(input) {
    const handshake = new SocksHandshake("associate", REMOTE, undefined);
    const cut = (input[1] ?? 0) % (input.length + 1);
    handshake.receive(input.subarray(0, cut));
    const progress = handshake.receive(input.subarray(cut));
    const datagram = unwrapSocksDatagram(input);
    return `${progress.at === "refused" ? progress.why : progress.at} ${datagram?.from.host.length}`;
  },
};
