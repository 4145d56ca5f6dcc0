// The pcapng format: blocks, each with its length before and after, in sections that bring their own byte order and
// interfaces. Blocks that hold no packet are skipped.

import { type CaptureInterface, type CaptureState, INTERFACES_MAX } from "./state.ts";

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packetOld: 2, packetSimple: 3, packet: 6 } as const;
const BLOCK_BYTES_MIN = 12;
const DAMAGED = -1;
const OPTION_TIME_RESOLUTION = 9;
const MS_OF_HIGH_WORD = 0x1_0000_0000;

/** Bytes taken; 0 when more are needed; negative when the block makes no sense. */
export function readBlock(state: CaptureState, at: number, availableBytes: number, bytesMax: number): number {
  if (availableBytes < BLOCK_BYTES_MIN) return 0;
  const type = state.word(at);
  if (type === BLOCK.section) {
    const magic = state.word(at + 8) >>> 0;
    if (magic === 0x4d3c2b1a) state.bigEndian = !state.bigEndian;
    else if (magic !== 0x1a2b3c4d) return DAMAGED;
    state.interfaces = [];
  }
  const blockBytes = state.word(at + 4) >>> 0;
  if (blockBytes < BLOCK_BYTES_MIN || blockBytes % 4 !== 0 || blockBytes > bytesMax) return DAMAGED;
  if (availableBytes < blockBytes) return 0;
  const endByte = at + blockBytes - 4;
  if (type === BLOCK.packet || type === BLOCK.packetOld) readPacket(state, at, endByte, type === BLOCK.packetOld);
  else if (type === BLOCK.packetSimple) readSimplePacket(state, at, endByte);
  else if (type === BLOCK.interface) readInterface(state, at, endByte);
  return blockBytes;
}

function readPacket(state: CaptureState, at: number, endByte: number, old: boolean): void {
  if (at + 28 > endByte) return;
  const from = state.interfaces[old ? state.half(at + 8) : state.word(at + 8) >>> 0];
  const capturedBytes = state.word(at + 20) >>> 0;
  const beginByte = at + 28;
  if (from === undefined || beginByte + capturedBytes > endByte) return;
  const ticks = (state.word(at + 12) >>> 0) * MS_OF_HIGH_WORD + (state.word(at + 16) >>> 0);
  const timeMs = state.sinceFirstMs(Math.trunc(ticks / from.perMs));
  state.sink.packet(state.bytes, beginByte, beginByte + capturedBytes, state.word(at + 24) | 0, from.linkType, timeMs);
}

function readSimplePacket(state: CaptureState, at: number, endByte: number): void {
  const from = state.interfaces[0];
  if (from === undefined || at + 12 > endByte) return;
  const wireBytes = state.word(at + 8) >>> 0;
  const snapBytes = from.snapBytes === 0 ? wireBytes : Math.min(wireBytes, from.snapBytes);
  const beginByte = at + 12;
  const packetEndByte = Math.min(beginByte + snapBytes, endByte);
  state.sink.packet(state.bytes, beginByte, packetEndByte, wireBytes | 0, from.linkType, 0);
}

function readInterface(state: CaptureState, at: number, endByte: number): void {
  if (at + 16 > endByte || state.interfaces.length >= INTERFACES_MAX) return;
  const found: CaptureInterface = {
    linkType: state.half(at + 8),
    snapBytes: state.word(at + 12) >>> 0,
    perMs: ticksPerMs(state, at + 16, endByte),
  };
  state.interfaces.push(found);
}

// if_tsresol: a power of ten, or of two when the top bit is set; microseconds when absent.
function ticksPerMs(state: CaptureState, optionsBegin: number, endByte: number): number {
  let at = optionsBegin;
  while (at + 4 <= endByte) {
    const code = state.half(at);
    const lengthBytes = state.half(at + 2);
    if (code === 0) break;
    if (code === OPTION_TIME_RESOLUTION && lengthBytes >= 1 && at + 5 <= endByte) {
      const resolution = state.bytes[at + 4] as number;
      const exponent = resolution & 0x7f;
      const perSecond = resolution & 0x80 ? 2 ** exponent : 10 ** exponent;
      return perSecond / 1000;
    }
    at += 4 + Math.ceil(lengthBytes / 4) * 4;
  }
  return 1e3;
}
