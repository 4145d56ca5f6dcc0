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
  "gate.policy_malformed": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 400,
    says: "The gate's policy cannot be used: {detail}.",
    next: "Correct the file; docs/gate.md shows its form. The rules in the kernel are as they were.",
  },
  "gate.grants_malformed": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "The grants at {path} cannot be read.",
    next: "Write the file anew, whole and then renamed into place. Until then nothing new is opened.",
  },
  "gate.root_key_malformed": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 400,
    says: "The institution's root key at {path} is no public Ed25519 key in JWK form.",
    next: "Give the rootKeyJwk that the portal gives to joining devices.",
  },
  "gate.rules_refused": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "The kernel refused the rules, and those of before still hold: {detail}.",
    next: "Run it as root on a kernel with nftables; 'nft list ruleset' shows what is loaded.",
  },
  "gate.nft_missing": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "The program nft is not installed, so no rule can be loaded or read.",
    next: "Install the package nftables.",
  },
  "gate.capture_ended": {
    fault: "environment",
    retry: "later",
    exit: 1,
    status: 500,
    says: "The copy of the packets ended: {detail}.",
    next: "It is started again by itself. Check that tcpdump is installed and the interface exists.",
  },
  "gate.accounting_unavailable": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "The kernel does not count the bytes of connections, so unjudged ones are not held: {detail}.",
    next: "Set net.netfilter.nf_conntrack_acct to 1.",
  },
} as const satisfies ErrorTable;
