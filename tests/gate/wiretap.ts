// What reached a client: the payload bytes that crossed its link from the outside, counted from a full capture.

import { closeSync, openSync, readSync } from "node:fs";
import ipaddr from "ipaddr.js";
import { addressText } from "../../src/gate/flow/address.ts";
import { Decoder } from "../../src/wire/packet/decoder.ts";
import { PROTOCOL } from "../../src/wire/packet/segment.ts";
import { CaptureReader } from "../../src/wire/pcap/reader.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";

export class Wiretap implements Disposable {
  readonly #file: string;
  readonly #tcpdump: Program;

  private constructor(file: string, tcpdump: Program) {
    this.#file = file;
    this.#tcpdump = tcpdump;
  }

  static async start(host: Host, file: string): Promise<Wiretap> {
    const words = ["-i", "eth0", "-n", "-U", "--immediate-mode", "-s", "128", "-Q", "in", "-Z", "root", "-w", file];
    const tcpdump = host.start("tcpdump", words);
    await tcpdump.printed(/listening on/);
    return new Wiretap(file, tcpdump);
  }

  /** Payload of TCP and UDP that came in so far from the address, retransmissions included. */
  receivedBytes(from: string): number {
    return this.#read(from).bytes;
  }

  /** Packets of both that came in so far from the address, empty ones included. */
  packets(from: string): number {
    return this.#read(from).packets;
  }

  #read(from: string): { packets: number; bytes: number } {
    const wanted = ipaddr.parse(from).toNormalizedString();
    const read = { packets: 0, bytes: 0 };
    const decoder = new Decoder({
      segment(s) {
        if (s.protocol !== PROTOCOL.tcp && s.protocol !== PROTOCOL.udp) return;
        const source = addressText(Int32Array.of(s.source0, s.source1, s.source2, s.source3), s.version);
        if (ipaddr.parse(source).toNormalizedString() !== wanted) return;
        read.packets += 1;
        read.bytes += s.payloadBytes;
      },
    });
    const reader = new CaptureReader(decoder);
    const descriptor = openSync(this.#file, "r");
    for (;;) {
      const count = readSync(descriptor, reader.room());
      if (count === 0 || !reader.filled(count).ok) break;
    }
    closeSync(descriptor);
    return read;
  }

  [Symbol.dispose](): void {
    this.#tcpdump[Symbol.dispose]();
  }
}
