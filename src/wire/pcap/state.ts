// What a capture has said about itself so far: its format, byte order, and the interfaces that its packets name.

export interface PacketSink {
  /**
   * One captured frame, in place: bytes `beginByte` to `endByte` of `bytes`, valid only during the call. `wireBytes` is
   * its length on the wire, `timeMs` whole milliseconds since the first packet of the capture.
   */
  packet(
    bytes: Uint8Array,
    beginByte: number,
    endByte: number,
    wireBytes: number,
    linkType: number,
    timeMs: number,
  ): void;
}

/** `perMs` ticks make a millisecond. */
export type CaptureInterface = { readonly linkType: number; readonly perMs: number; readonly snapBytes: number };

export const INTERFACES_MAX = 4096;

export class CaptureState {
  readonly bytes: Uint8Array;
  readonly sink: PacketSink;
  format: "unknown" | "pcap" | "pcapng" = "unknown";
  bigEndian = false;
  /** pcap has one interface, pcapng a list of them in each section. */
  interfaces: CaptureInterface[] = [];
  /** Extra bytes of a record header (the "modified" pcap of old Linux kernels). */
  recordExtraBytes = 0;
  #firstMs = -1;

  constructor(bytes: Uint8Array, sink: PacketSink) {
    this.bytes = bytes;
    this.sink = sink;
  }

  /** The 32-bit word at `at`, signed, in the capture's byte order. */
  word(at: number): number {
    const b = this.bytes;
    return this.bigEndian
      ? ((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number)
      : (b[at] as number) |
          ((b[at + 1] as number) << 8) |
          ((b[at + 2] as number) << 16) |
          ((b[at + 3] as number) << 24);
  }

  half(at: number): number {
    const b = this.bytes;
    return this.bigEndian
      ? ((b[at] as number) << 8) | (b[at + 1] as number)
      : (b[at] as number) | ((b[at + 1] as number) << 8);
  }

  /** Milliseconds since the first packet, as a small integer; clocks of damaged captures may run backwards. */
  sinceFirstMs(absoluteMs: number): number {
    if (this.#firstMs < 0) this.#firstMs = absoluteMs;
    return (absoluteMs - this.#firstMs) | 0;
  }
}
