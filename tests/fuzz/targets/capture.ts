// What the gate reads: captures of any origin, down to the application's first bytes.

import { Classifier } from "../../../src/gate/classify/classifier.ts";
import { Decoder } from "../../../src/wire/packet/decoder.ts";
import { LINK } from "../../../src/wire/pcap/link.ts";
import { CaptureReader } from "../../../src/wire/pcap/reader.ts";
import { tcpFrames, udpFrames } from "../../gate/conversation.ts";
import { bytesOf, capture } from "../../gate/frames.ts";
import type { FuzzTarget } from "../target.ts";

const TABLE = { flowsMax: 64, talksMax: 16 };

export const CAPTURE: FuzzTarget = {
  name: "capture",
  seeds: () => [
    capture(LINK.ethernet, tcpFrames([{ by: 0, bytes: bytesOf("\u{13}BitTorrent protocol".padEnd(68, "x")) }])),
    capture(
      LINK.ethernet,
      udpFrames([{ by: 0, bytes: bytesOf("d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t1:x1:y1:qe") }]),
    ),
    capture(LINK.ethernet, tcpFrames([{ by: 0, bytes: bytesOf("$Lock EXTENDEDPROTOCOL Pk=x|") }])),
  ],
  run(input) {
    const decoder = new Decoder(new Classifier(TABLE));
    const read = new CaptureReader(decoder).push(input);
    return `${read.ok ? "read" : read.error.code} ${decoder.packets} ${decoder.undecodedPackets}`;
  },
};
