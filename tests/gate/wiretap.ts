// What reached a client: the payload bytes that crossed its link from the outside, counted from a full capture.

import { closeSync, openSync, readSync } from "node:fs";
import ipaddr from "ipaddr.js";
import { addressText } from "../../src/gate/flow/address.ts";
import { Decoder } from "../../src/wire/packet/decoder.ts";
import { PROTOCOL } from "../../src/wire/packet/segment.ts";
import { CaptureReader } from "../../src/wire/pcap/reader.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";

/** What a loaded machine lets wait. */
const BUFFER_KILOBYTES = 32_768;

export class Wiretap implements Disposable {
  readonly #file: string;
  readonly #tcpdump: Program;

  private constructor(file: string, tcpdump: Program) {
    this.#file = file;
    this.#tcpdump = tcpdump;
  }

  static async start(host: Host, file: string): Promise<Wiretap> {
    const sizes = ["-s", "128", "-B", String(BUFFER_KILOBYTES)];
    const words = ["-i", "eth0", "-n", "-U", "--immediate-mode", ...sizes, "-Q", "in", "-Z", "root", "-w", file];
    const tcpdump = host.start("tcpdump", words);
    await tcpdump.printed(/listening on/);
    return new Wiretap(file, tcpdump);
  }

  /** Payload of TCP and UDP, or of one of them, that came in so far from the address, retransmissions included. */
  receivedBytes(from: string, over?: "tcp" | "udp"): number {
    const { tcp, udp } = this.#read(from);
    return over === undefined ? tcp + udp : { tcp, udp }[over];
  }

  /** Packets of both that came in so far from the address, empty ones included. */
  packets(from: string): number {
    return this.#read(from).packets;
  }

  #read(from: string): { packets: number; tcp: number; udp: number } {
    const wanted = ipaddr.parse(from).toNormalizedString();
    const read = { packets: 0, tcp: 0, udp: 0 };
    const decoder = new Decoder({
      segment(s) {
        if (s.protocol !== PROTOCOL.tcp && s.protocol !== PROTOCOL.udp) return;
        const source = addressText(Int32Array.of(s.source0, s.source1, s.source2, s.source3), s.version);
        if (ipaddr.parse(source).toNormalizedString() !== wanted) return;
        read.packets += 1;
        read[s.protocol === PROTOCOL.tcp ? "tcp" : "udp"] += s.payloadBytes;
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
