// Frames for tests: Ethernet, IP, TCP and UDP around a payload, so that a test says only what matters to it.

export type Ends = {
  readonly source: readonly [string, number];
  readonly destination: readonly [string, number];
};

export const TCP = { syn: 2, synAck: 18, ack: 16, push: 24, fin: 17 } as const;

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function ethernet(type: number, payload: Uint8Array): Uint8Array {
  return joined(new Uint8Array(12), half(type), payload);
}

export function ipv4(ends: Ends, protocol: number, payload: Uint8Array, fragment = 0, identification = 7): Uint8Array {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(identification, 4);
  header.writeUInt16BE(fragment, 6);
  header[8] = 64;
  header[9] = protocol;
  header.set(address4(ends.source[0]), 12);
  header.set(address4(ends.destination[0]), 16);
  return joined(header, payload);
}

export function ipv6(
  next: number,
  payload: Uint8Array,
  source: Uint8Array = SIX_A,
  destination: Uint8Array = SIX_B,
): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = 0x60;
  header.writeUInt16BE(payload.length, 4);
  header[6] = next;
  header[7] = 64;
  return joined(header, source, destination, payload);
}

/** 2001:db8::1 and ::2. */
const SIX_A = Uint8Array.from([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
export const SIX_B = Uint8Array.from([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);

export function tcp(ends: Ends, sequence: number, flags: number, payload: Uint8Array): Uint8Array {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(ends.source[1], 0);
  header.writeUInt16BE(ends.destination[1], 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header[12] = 0x50;
  header[13] = flags;
  return joined(header, payload);
}

export function udp(ends: Ends, payload: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(ends.source[1], 0);
  header.writeUInt16BE(ends.destination[1], 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return joined(header, payload);
}

export function capture(linkType: number, frames: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(linkType, 20);
  const records = frames.map((frame, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + index, 0);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return joined(record, frame);
  });
  return joined(header, ...records);
}

export function half(value: number): Uint8Array {
  return Uint8Array.from([value >>> 8, value & 0xff]);
}

function address4(text: string): Uint8Array {
  return Uint8Array.from(text.split(".").map(Number));
}
