// Failures of the gate plane.

import type { ErrorTable } from "./entry.ts";

export const GATE_ERRORS = {
  "gate.capture_unknown": {
    fault: "content",
    retry: "never",
    exit: 5,
    status: 422,
    says: "This is no pcap or pcapng capture: its first bytes are of neither format.",
    next: "Give a capture made by tcpdump, dumpcap or Wireshark.",
  },
  "gate.capture_damaged": {
    fault: "content",
    retry: "never",
    exit: 5,
    status: 422,
    says: "The capture is damaged at byte {atByte}: a record's length makes no sense.",
    next: "Capture again, or repair the file; the flows printed so far are those before the damage.",
  },
} as const satisfies ErrorTable;
