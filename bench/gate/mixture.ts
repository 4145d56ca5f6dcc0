// The benchmark's capture: every Ethernet capture of the shared folder, one after the other, several times over, as one
// classic pcap that both programs read from memory.

import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ETHER } from "../../src/wire/packet/frame.ts";
import { LINK } from "../../src/wire/pcap/link.ts";
import { CaptureReader } from "../../src/wire/pcap/reader.ts";

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const SNAP_BYTES = 262_144;
const BASE_SECONDS = 1_700_000_000;

export type Mixture = { readonly packets: number; readonly bytes: number; readonly captures: number };

/** `variants` times with other IPv4 addresses, so that all flows are new, and each variant `repetitions` times as it is. */
export function writeMixture(
  folders: readonly string[],
  { variants, repetitions }: { readonly variants: number; readonly repetitions: number },
  target: string,
): Mixture {
  const parts: Buffer[] = [];
  let captures = 0;
  let packets = 0;
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      const before = parts.length;
      const reader = new CaptureReader({
        packet(bytes, beginByte, endByte, wireBytes, linkType, timeMs) {
          if (linkType === LINK.ethernet) parts.push(record(bytes.subarray(beginByte, endByte), wireBytes, timeMs));
        },
      });
      reader.push(readFileSync(join(folder, name)));
      if (parts.length > before) captures += 1;
      packets += parts.length - before;
    }
  }
  const onceBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const descriptor = openSync(target, "w");
  writeSync(descriptor, fileHeader());
  for (let variant = 0; variant < variants; variant += 1) {
    if (variant > 0) for (const part of parts) moveAddresses(part);
    const whole = Buffer.concat(parts);
    for (let repetition = 0; repetition < repetitions; repetition += 1) writeSync(descriptor, whole);
  }
  closeSync(descriptor);
  const times = variants * repetitions;
  return { packets: packets * times, bytes: FILE_HEADER_BYTES + onceBytes * times, captures };
}

// The second byte of both addresses goes up by one; both programs ignore the checksums.
function moveAddresses(part: Buffer): void {
  const ethernet = RECORD_HEADER_BYTES;
  const network = ethernet + 14;
  if (part.length < network + 20 || part.readUInt16BE(ethernet + 12) !== ETHER.ipv4) return;
  for (const at of [network + 13, network + 17]) part[at] = ((part[at] ?? 0) + 1) & 0xff;
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_BYTES, 16);
  header.writeUInt32LE(LINK.ethernet, 20);
  return header;
}

function record(frame: Uint8Array, wireBytes: number, timeMs: number): Buffer {
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + frame.length);
  bytes.writeUInt32LE(BASE_SECONDS + Math.floor(Math.max(0, timeMs) / 1000), 0);
  bytes.writeUInt32LE((Math.max(0, timeMs) % 1000) * 1000, 4);
  bytes.writeUInt32LE(frame.length, 8);
  bytes.writeUInt32LE(wireBytes >>> 0, 12);
  bytes.set(frame, RECORD_HEADER_BYTES);
  return bytes;
}
