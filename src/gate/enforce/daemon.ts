// The gate at work: packets are copied to the classifier, its verdicts go into the kernel's sets, grants open what they
// name. Whatever fails, the rules in the kernel stay as they were.

import { writeFile } from "node:fs/promises";
import { type Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { Decoder } from "../../wire/packet/decoder.ts";
import { CaptureReader } from "../../wire/pcap/reader.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import { Classifier } from "../classify/classifier.ts";
import { type FlowLine, flowLine } from "../flow-line.ts";
import { Blocklist } from "./blocklist.ts";
import { CaptureProcess } from "./capture-process.ts";
import { type Exemption, exemptionBatch, exemptionsOf } from "./exemption.ts";
import type { GrantFeed } from "./grant-book.ts";
import { enforcingBatch, type Mode } from "./mode.ts";
import { applyRules, type NftCode } from "./nft.ts";
import type { GatePolicy } from "./policy.ts";
import { ruleset } from "./ruleset.ts";

export type GateEvent =
  | { readonly event: "running"; readonly mode: Mode; readonly interface: string }
  | ({ readonly event: "verdict"; readonly action: "block" | "would-block" | "granted" } & FlowLine)
  | { readonly event: "grants"; readonly open: readonly Exemption[] }
  | { readonly event: "trouble"; readonly code: string; readonly detail: string };

export type DaemonOptions = {
  readonly interfaceName: string;
  readonly captureUser: string;
  readonly mode: Mode;
  /** Enforcement that nobody confirms within this time ends by itself; undefined: it is confirmed already. */
  readonly confirmWithinSeconds: number | undefined;
  readonly policy: GatePolicy;
  readonly grants: GrantFeed | undefined;
  readonly onEvent: (event: GateEvent) => void;
};

const FLOWS_MAX = 1 << 18;
const TALKS_MAX = 1 << 15;
/** Before the kernel holds an unjudged connection, it is judged. */
const UNDECIDED_BYTES_MAX = 16_384;
const GROWN_BYTES = 8_192;
const GRANTS_EVERY_MS = 500;
const RESTART_AFTER_MS = 500;
const ACCOUNTING = "/proc/sys/net/netfilter/nf_conntrack_acct";

export class GateDaemon {
  readonly #options: DaemonOptions;
  readonly #clock: Clock;
  readonly #blocklist: Blocklist;
  #capture: CaptureProcess | undefined;
  #timers: Timer[] = [];
  #open: readonly Exemption[] = [];
  #openKey = "";
  #isStopped = false;
  #isReading = false;

  constructor(options: DaemonOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#blocklist = new Blocklist(applyRules, (failed) => this.#trouble(failed));
  }

  async start(): Promise<Result<undefined, Failure<NftCode>>> {
    const { policy, mode, confirmWithinSeconds } = this.#options;
    const loaded = await applyRules(ruleset(policy) + enforcingBatch(mode, confirmWithinSeconds));
    if (!loaded.ok) return loaded;
    await this.#countConnectionBytes();
    await this.#readGrants();
    this.#timers.push(this.#clock.every(GRANTS_EVERY_MS, () => void this.#readGrants()));
    this.#listen();
    return ok();
  }

  /** The rules stay: a gate that is down lets nothing through that it stopped before. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#options.grants?.close();
    this.#capture?.stop();
  }

  #listen(): void {
    const classifier: Classifier = new Classifier({
      flowsMax: FLOWS_MAX,
      talksMax: TALKS_MAX,
      undecidedBytesMax: UNDECIDED_BYTES_MAX,
      grownBytes: GROWN_BYTES,
      onVerdict: (slot) => this.#verdict(flowLine(classifier.table, slot)),
      onGrown: (slot) => this.#blocklist.clear(flowLine(classifier.table, slot)),
    });
    const reader = new CaptureReader(new Decoder(classifier));
    this.#capture = new CaptureProcess(this.#options.interfaceName, this.#options.captureUser, {
      onListening: () => {
        this.#options.onEvent({ event: "running", mode: this.#options.mode, interface: this.#options.interfaceName });
      },
      onBytes: (bytes) => {
        const result = reader.push(bytes);
        if (!result.ok) this.#capture?.stop();
      },
      onEnded: (detail) => this.#captureEnded(detail),
    });
  }

  #captureEnded(detail: string): void {
    if (this.#isStopped) return;
    this.#options.onEvent({ event: "trouble", code: "gate.capture_ended", detail });
    this.#timers.push(this.#clock.after(RESTART_AFTER_MS, () => this.#listen()));
  }

  #verdict(line: FlowLine): void {
    if (line.application === null) return;
    this.#blocklist.block(line);
    const isOpen = this.#open.some(
      (one) => one.application === line.application && (one.address === line.src || one.address === line.dst),
    );
    const refused = this.#options.mode === "enforce" ? "block" : "would-block";
    this.#options.onEvent({ event: "verdict", action: isOpen ? "granted" : refused, ...line });
  }

  async #readGrants(): Promise<void> {
    if (this.#isReading || this.#isStopped) return;
    this.#isReading = true;
    try {
      await this.#openGranted();
    } finally {
      this.#isReading = false;
    }
  }

  async #openGranted(): Promise<void> {
    const { grants, policy } = this.#options;
    if (grants === undefined) return;
    const nowMs = this.#clock.wallMs();
    const held = await grants.read(nowMs);
    // An unreadable file opens nothing new; what is open ends with its own time in the kernel.
    if (!held.ok) return this.#trouble(held.error);
    const open = exemptionsOf(held.value.grants, held.value.revocations, policy, nowMs);
    // Remaining seconds shrink all the time; only what is open, and until when, makes a new transaction worth it.
    const key = open.map((one) => `${one.address} ${one.application} ${one.direction} ${endOf(one, nowMs)}`).join("\n");
    if (key === this.#openKey) return;
    const applied = await applyRules(exemptionBatch(open));
    if (!applied.ok) return this.#trouble(applied.error);
    this.#openKey = key;
    this.#open = open;
    this.#options.onEvent({ event: "grants", open });
  }

  // Held connections are told by their size, and the kernel counts it only when asked to.
  async #countConnectionBytes(): Promise<void> {
    try {
      await writeFile(ACCOUNTING, "1");
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      this.#options.onEvent({ event: "trouble", code: "gate.accounting_unavailable", detail });
    }
  }

  #trouble(failed: Failure): void {
    const detail = Object.values(failed.data).map(String).join(", ");
    this.#options.onEvent({ event: "trouble", code: failed.code, detail });
  }
}

function endOf(exemption: Exemption, nowMs: number): number {
  const granularitySeconds = 5;
  return Math.round((nowMs / 1000 + exemption.seconds) / granularitySeconds);
}
