// Reads pcap and pcapng as a stream, whatever the chunk borders, and hands out packets in place: a capture of any size
// costs one buffer. Formats: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html and
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html.

import { assert } from "../../base/assert.ts";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { readClassicHeader, readClassicRecord } from "./classic.ts";
import { readBlock } from "./pcapng.ts";
import { CaptureState, type PacketSink } from "./state.ts";

const BUFFER_BYTES = 4 << 20;
// Nothing that travels is longer; a larger length field is damage, and waiting for its bytes would never end.
const RECORD_BYTES_MAX = 1 << 20;
const MAGIC_BYTES = 4;

export type CaptureCode = "gate.capture_unknown" | "gate.capture_damaged";

export class CaptureReader {
  readonly #buffer: Uint8Array;
  readonly #recordBytesMax: number;
  readonly #state: CaptureState;
  #beginByte = 0;
  #endByte = 0;
  #consumedBytes = 0;

  /** A record may fill at most half of the buffer. */
  constructor(sink: PacketSink, bufferBytes = BUFFER_BYTES) {
    this.#buffer = new Uint8Array(bufferBytes);
    this.#recordBytesMax = Math.min(RECORD_BYTES_MAX, bufferBytes >> 1);
    this.#state = new CaptureState(this.#buffer, sink);
  }

  /** Where the next bytes of the capture go; never empty. Call `filled` with how many were written. */
  room(): Uint8Array {
    if (this.#beginByte > 0) {
      this.#buffer.copyWithin(0, this.#beginByte, this.#endByte);
      this.#endByte -= this.#beginByte;
      this.#beginByte = 0;
    }
    assert(this.#endByte < this.#buffer.length, "a record never fills the capture buffer");
    return this.#buffer.subarray(this.#endByte);
  }

  /** Takes `bytes` more bytes into account and hands out every packet that is complete. */
  filled(bytes: number): Result<undefined, Failure<CaptureCode>> {
    this.#endByte += bytes;
    for (;;) {
      const taken = this.#take();
      if (taken === 0) return ok();
      if (taken < 0) {
        const code = this.#state.format === "unknown" ? "gate.capture_unknown" : "gate.capture_damaged";
        return err(failure(code, { atByte: this.#consumedBytes }));
      }
      this.#beginByte += taken;
      this.#consumedBytes += taken;
    }
  }

  /** Copies `chunk` in; for streams that bring their own buffers. */
  push(chunk: Uint8Array): Result<undefined, Failure<CaptureCode>> {
    let beginByte = 0;
    while (beginByte < chunk.length) {
      const room = this.room();
      const taken = Math.min(room.length, chunk.length - beginByte);
      room.set(chunk.subarray(beginByte, beginByte + taken));
      const result = this.filled(taken);
      if (!result.ok) return result;
      beginByte += taken;
    }
    return ok();
  }

  /** Bytes of a last record that never became complete: a capture that was cut off. */
  cutBytes(): number {
    return this.#endByte - this.#beginByte;
  }

  // Bytes taken; 0 when more are needed; negative when they make no sense.
  #take(): number {
    const state = this.#state;
    const recordBytesMax = this.#recordBytesMax;
    const availableBytes = this.#endByte - this.#beginByte;
    if (state.format === "pcapng") return readBlock(state, this.#beginByte, availableBytes, recordBytesMax);
    if (state.format === "pcap") return readClassicRecord(state, this.#beginByte, availableBytes, recordBytesMax);
    if (availableBytes < MAGIC_BYTES) return 0;
    const sectionHeader = 0x0a0d0d0a;
    if (state.word(this.#beginByte) >>> 0 !== sectionHeader) {
      return readClassicHeader(state, this.#beginByte, availableBytes);
    }
    state.format = "pcapng";
    return readBlock(state, this.#beginByte, availableBytes, recordBytesMax);
  }
}
