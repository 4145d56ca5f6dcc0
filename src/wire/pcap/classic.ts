// The classic pcap format: a 24-byte file header, then records of 16 bytes and the frame.

import type { CaptureState } from "./state.ts";

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const DAMAGED = -1;
const MS_A_SECOND = 1000;

type Magic = { readonly bigEndian: boolean; readonly perMs: number; readonly recordExtraBytes: number };

const MAGICS: ReadonlyMap<number, Magic> = new Map([
  [0xa1b2c3d4, { bigEndian: false, perMs: 1e3, recordExtraBytes: 0 }],
  [0xd4c3b2a1, { bigEndian: true, perMs: 1e3, recordExtraBytes: 0 }],
  [0xa1b23c4d, { bigEndian: false, perMs: 1e6, recordExtraBytes: 0 }],
  [0x4d3cb2a1, { bigEndian: true, perMs: 1e6, recordExtraBytes: 0 }],
  // Kuznetzov's variant of 1999: interface index, protocol and packet type follow each record header.
  [0xa1b2cd34, { bigEndian: false, perMs: 1e3, recordExtraBytes: 8 }],
  [0x34cdb2a1, { bigEndian: true, perMs: 1e3, recordExtraBytes: 8 }],
]);

/** Bytes taken; 0 when more are needed; negative when this is no pcap. */
export function readClassicHeader(state: CaptureState, at: number, availableBytes: number): number {
  const magic = MAGICS.get(state.word(at) >>> 0);
  if (magic === undefined) return DAMAGED;
  if (availableBytes < FILE_HEADER_BYTES) return 0;
  state.format = "pcap";
  state.bigEndian = magic.bigEndian;
  state.recordExtraBytes = magic.recordExtraBytes;
  // The upper bits of the last word hold the frame check sequence's length.
  const linkType = state.word(at + 20) & 0xffff;
  state.interfaces = [{ linkType, perMs: magic.perMs, snapBytes: state.word(at + 16) >>> 0 }];
  return FILE_HEADER_BYTES;
}

/** Bytes taken; 0 when more are needed; negative when the record makes no sense. */
export function readClassicRecord(state: CaptureState, at: number, availableBytes: number, bytesMax: number): number {
  const headerBytes = RECORD_HEADER_BYTES + state.recordExtraBytes;
  if (availableBytes < headerBytes) return 0;
  const capturedBytes = state.word(at + 8) >>> 0;
  if (capturedBytes > bytesMax) return DAMAGED;
  if (availableBytes < headerBytes + capturedBytes) return 0;
  const from = state.interfaces[0];
  if (from === undefined) return DAMAGED;
  const absoluteMs = (state.word(at) >>> 0) * MS_A_SECOND + Math.trunc((state.word(at + 4) >>> 0) / from.perMs);
  const beginByte = at + headerBytes;
  state.sink.packet(
    state.bytes,
    beginByte,
    beginByte + capturedBytes,
    state.word(at + 12) | 0,
    from.linkType,
    state.sinceFirstMs(absoluteMs),
  );
  return headerBytes + capturedBytes;
}
