// The gate at work: packets are copied to the classifier, its verdicts go into the kernel's sets, grants open what they
// name. Whatever fails, the rules in the kernel stay as they were.

import { writeFile } from "node:fs/promises";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { Decoder } from "../../wire/packet/decoder.ts";
import type { Outer } from "../../wire/packet/segment.ts";
import { CaptureReader } from "../../wire/pcap/reader.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import { Classifier } from "../classify/classifier.ts";
import { type FlowLine, flowLine, type TunnelLine } from "../flow-line.ts";
import { whyCode, whyOf } from "../why.ts";
import { BlockBook } from "./block-book.ts";
import { type BlockSink, BlockTeller } from "./block-teller.ts";
import { Blocklist } from "./blocklist.ts";
import { CaptureProcess } from "./capture-process.ts";
import type { Exemption } from "./exemption.ts";
import type { GrantFeed } from "./grant-book.ts";
import { enforcingBatch, type Mode, settlingBatch } from "./mode.ts";
import { applyRules } from "./nft.ts";
import { Openings } from "./openings.ts";
import type { GatePolicy } from "./policy.ts";
import type { UsedUp } from "./quota-book.ts";
import { ruleset } from "./ruleset.ts";
import type { StateFolder } from "./state-folder.ts";
import { TunnelWatch } from "./tunnel-watch.ts";

type Action = "block" | "would-block" | "granted" | "over-quota";
export type GateEvent =
  | { readonly event: "running"; readonly mode: Mode; readonly interface: string }
  | ({ readonly event: "verdict"; readonly action: Action } & FlowLine)
  | {
      readonly event: "tunnel";
      readonly action: "block" | "report";
      readonly outer: TunnelLine;
      readonly inner: FlowLine;
    }
  | { readonly event: "grants"; readonly open: readonly Exemption[] }
  | { readonly event: "quotas"; readonly usedUp: readonly UsedUp[] }
  | { readonly event: "trouble"; readonly code: string; readonly detail: string };

export type DaemonOptions = {
  readonly interfaceName: string;
  readonly captureUser: string;
  readonly mode: Mode;
  /** Enforcement that nobody confirms within this time ends by itself; undefined: it is confirmed already. */
  readonly confirmWithinSeconds: number | undefined;
  readonly policy: GatePolicy;
  readonly grants: GrantFeed | undefined;
  readonly folder: StateFolder;
  /** Who else is told whom the gate blocks. */
  readonly tellBlocks: BlockSink | undefined;
  readonly onEvent: (event: GateEvent) => void;
};

const FLOWS_MAX = 1 << 18;
const TALKS_MAX = 1 << 15;
/** Before the kernel holds an unjudged connection, it is judged. */
const UNDECIDED_BYTES_MAX = 16_384;
const GROWN_BYTES = 8_192;
const GRANTS_EVERY_MS = 500;
const QUOTAS_EVERY_MS = 2000;
const BLOCKS_EVERY_MS = 5000;
/** A capture that neither listens nor ends is ended: the rules do not wait for it any longer. */
const LISTENING_MS_MAX = 10_000;
const RESTART_AFTER_MS = 500;
const ACCOUNTING = "/proc/sys/net/netfilter/nf_conntrack_acct";

export class GateDaemon {
  readonly #options: DaemonOptions;
  readonly #clock: Clock;
  readonly #blocklist: Blocklist;
  readonly #book: BlockBook;
  readonly #teller: BlockTeller;
  readonly #tunnels: TunnelWatch;
  #openings: Openings | undefined;
  #capture: CaptureProcess | undefined;
  #timers: Timer[] = [];
  #isStopped = false;

  constructor(options: DaemonOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    const onTrouble = (failed: Failure): void => this.#trouble(failed);
    this.#blocklist = new Blocklist(applyRules, onTrouble);
    this.#book = new BlockBook(options.policy);
    this.#teller = new BlockTeller({ book: this.#book, folder: options.folder, sink: options.tellBlocks, onTrouble });
    this.#tunnels = new TunnelWatch((tunnel, inner) => this.#tunnelFound(tunnel, inner));
  }

  async start(): Promise<Result<undefined, Failure>> {
    const { policy, mode, confirmWithinSeconds, grants, folder } = this.#options;
    const kept = folder.quotas();
    if (!kept.ok) return kept;
    const capture = this.#capturing();
    // Nothing is held that the classifier had no chance to see: it listens before the rules begin to hold.
    await capture.listening;
    const isCounting = (await countConnectionBytes()) === undefined;
    const loaded = await applyRules(ruleset(policy) + enforcingBatch(mode, confirmWithinSeconds) + settlingBatch());
    if (!loaded.ok) {
      capture.stop();
      return loaded;
    }
    // Where nothing tracked connections before the rules did, the switch has only just come into being.
    const detail = isCounting ? undefined : await countConnectionBytes();
    if (detail !== undefined) this.#options.onEvent({ event: "trouble", code: "gate.accounting_unavailable", detail });
    const openings = new Openings(
      { policy, grants, ...(kept.value === undefined ? {} : { kept: kept.value }) },
      {
        onOpened: (open, isOther) => this.#opened(open, isOther),
        onUsedUp: (usedUp) => {
          this.#book.usedUp(usedUp, this.#clock.wallMs());
          this.#options.onEvent({ event: "quotas", usedUp });
        },
        onTrouble: (failed) => this.#trouble(failed),
      },
    );
    this.#openings = openings;
    await openings.readQuotas();
    await openings.readGrants(this.#clock.wallMs());
    this.#every(GRANTS_EVERY_MS, () => openings.readGrants(this.#clock.wallMs()));
    this.#every(QUOTAS_EVERY_MS, () => this.#keepQuotas(openings));
    if (mode === "enforce") this.#every(BLOCKS_EVERY_MS, () => this.#teller.tell(this.#clock.wallMs()));
    this.#listen(capture);
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

  /** One call at a time: a slow one is not overtaken. */
  #every(everyMs: number, task: () => Promise<void>): void {
    let isRunning = false;
    const run = async (): Promise<void> => {
      if (isRunning || this.#isStopped) return;
      isRunning = true;
      await task().finally(() => (isRunning = false));
    };
    this.#timers.push(this.#clock.every(everyMs, () => void run()));
  }

  async #keepQuotas(openings: Openings): Promise<void> {
    if (!openings.isCounting) return;
    await openings.readQuotas();
    const kept = this.#options.folder.keepQuotas(openings.quotaState);
    if (!kept.ok) this.#trouble(kept.error);
  }

  #capturing(): CaptureProcess {
    const capture = new CaptureProcess(this.#options.interfaceName, this.#options.captureUser);
    this.#capture = capture;
    const patience = this.#clock.after(LISTENING_MS_MAX, () => capture.stop());
    void capture.listening.then(() => patience.cancel());
    return capture;
  }

  #listen(capture: CaptureProcess): void {
    const classifier: Classifier = new Classifier({
      flowsMax: FLOWS_MAX,
      talksMax: TALKS_MAX,
      undecidedBytesMax: UNDECIDED_BYTES_MAX,
      grownBytes: GROWN_BYTES,
      onVerdict: (slot, isTunnelled) => {
        if (!isTunnelled) this.#verdict(flowLine(classifier.table, slot));
      },
      onGrown: (slot) => this.#blocklist.clear(flowLine(classifier.table, slot)),
      onTunnelled: (slot, outer) => this.#tunnelled(classifier, slot, outer),
    });
    const reader = new CaptureReader(new Decoder(classifier));
    void capture.listening.then((isListening) => {
      if (!isListening) return;
      this.#options.onEvent({ event: "running", mode: this.#options.mode, interface: this.#options.interfaceName });
      capture.read((bytes) => {
        if (!reader.push(bytes).ok) capture.stop();
      });
    });
    void capture.ended.then((said) => this.#captureEnded(said));
  }

  #captureEnded(detail: string): void {
    if (this.#isStopped) return;
    this.#options.onEvent({ event: "trouble", code: "gate.capture_ended", detail });
    this.#timers.push(this.#clock.after(RESTART_AFTER_MS, () => this.#listen(this.#capturing())));
  }

  #verdict(line: FlowLine): void {
    if (line.application === null) return;
    this.#blocklist.block(line);
    const nowMs = this.#clock.wallMs();
    const opening = this.#opening(line, [line.src, line.dst]);
    if (opening === "closed") this.#book.refused(line, nowMs);
    const refused = this.#options.mode === "enforce" ? "block" : "would-block";
    const action = opening === "open" ? "granted" : opening === "closed" ? refused : opening;
    this.#options.onEvent({ event: "verdict", action, ...line });
  }

  #opening({ application, why }: FlowLine, ends: readonly string[]): "open" | "over-quota" | "closed" {
    const found = [application, whyOf(why.code).orElse].map((one) => this.#openings?.at(one ?? "", ends) ?? "closed");
    return found.find((one) => one === "open") ?? found.find((one) => one !== "closed") ?? "closed";
  }

  #tunnelled(classifier: Classifier, slot: number, outer: Outer): void {
    const { application } = whyOf(whyCode(classifier.table.verdict(slot)));
    if (application === undefined) return;
    this.#tunnels.packet(outer, () => flowLine(classifier.table, slot), this.#clock.monotonicMs());
  }

  // A grant for an address inside the tunnel, or for the one that made it, opens what is in it.
  #tunnelFound(outer: TunnelLine, inner: FlowLine): void {
    const ends = [inner.src, inner.dst, outer.src, outer.dst];
    if (inner.application === null || this.#opening(inner, ends) === "open") return;
    const action = this.#options.policy.tunnels;
    if (action === "block") {
      this.#blocklist.blockTunnel(outer);
      this.#book.refused({ ...inner, src: outer.src, dst: outer.dst }, this.#clock.wallMs());
    }
    this.#options.onEvent({ event: "tunnel", action, outer, inner });
  }

  #opened(open: readonly Exemption[], isOther: boolean): void {
    if (isOther) this.#tunnels.forget();
    this.#book.opened(open);
    this.#options.onEvent({ event: "grants", open });
  }

  #trouble(failed: Failure): void {
    const detail = Object.values(failed.data).map(String).join(", ");
    this.#options.onEvent({ event: "trouble", code: failed.code, detail });
  }
}

// Held connections are told by their size, and the kernel counts it only when asked to; what kept it from that.
async function countConnectionBytes(): Promise<string | undefined> {
  try {
    await writeFile(ACCOUNTING, "1");
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
