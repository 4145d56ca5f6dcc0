// One lane of announces: one tier of trackers for one info-hash. A pure state machine; see STATE.md.

import type { AnnounceEvent, AnnounceReply } from "../../wire/tracker/announce.ts";

export type LaneState = {
  /** In the order in which they are tried; the one that answered last stands first (BEP 12). */
  readonly urls: readonly string[];
  /** Who has heard "started", and so must hear "completed" and "stopped". */
  readonly greeted: ReadonlySet<string>;
  readonly roundsFailed: number;
  /** "completed" has still to be told. */
  readonly owesCompleted: boolean;
  readonly at:
    | { readonly kind: "waiting"; readonly dueMs: number; readonly soonestMs: number }
    | {
        readonly kind: "asking";
        readonly index: number;
        readonly event: AnnounceEvent;
        /** Everything had arrived when the question was asked. */
        readonly wasComplete: boolean;
      }
    | { readonly kind: "ended"; readonly why: "stopped" | "refused" };
};

export type LaneEvent =
  /** The wake-up that was asked for. */
  | { readonly type: "due" }
  | { readonly type: "answered"; readonly reply: Pick<AnnounceReply, "intervalSeconds" | "minIntervalSeconds"> }
  /** `jitter` is 0 ≤ j < 1: clients that lost a tracker together must not come back together. */
  | { readonly type: "failed"; readonly retrySeconds: number | "never" | undefined; readonly jitter: number }
  /** Everything wanted has arrived. */
  | { readonly type: "finished" }
  /** The torrent could use more peers. */
  | { readonly type: "starved" }
  | { readonly type: "stop" };

export type LaneEffect =
  | { readonly type: "announce"; readonly url: string; readonly event: AnnounceEvent }
  | { readonly type: "wake"; readonly atMs: number };

export type LaneStep = readonly [LaneState, readonly LaneEffect[]];

const SECOND_MS = 1_000;
const INTERVAL_SECONDS_MIN = 5;
const INTERVAL_SECONDS_MAX = 2 * 3_600;
/** A tracker that names no minimum is not asked again sooner than this, however few the peers. */
const SOONEST_SECONDS = 60;
const BACKOFF_SECONDS_FIRST = 10;
const BACKOFF_SECONDS_MAX = 30 * 60;

export function laneStart(urls: readonly string[], nowMs: number): LaneStep {
  return ask({ urls, greeted: new Set(), roundsFailed: 0, owesCompleted: false, at: waiting(nowMs, nowMs) }, 0);
}

export function laneStep(state: LaneState, event: LaneEvent, nowMs: number): LaneStep {
  if (state.at.kind === "ended") return [state, []];
  switch (event.type) {
    case "due":
      return state.at.kind === "waiting" && nowMs >= state.at.dueMs ? ask(state, 0) : [state, []];
    case "answered":
      return answered(state, event.reply, nowMs);
    case "failed":
      return failed(state, event, nowMs);
    case "finished":
      return finished(state);
    case "starved":
      return starved(state, nowMs);
    case "stop":
      return stop(state);
  }
}

function ask(state: LaneState, index: number): LaneStep {
  const url = state.urls[index];
  if (url === undefined) return [{ ...state, at: { kind: "ended", why: "refused" } }, []];
  const greeted = state.greeted.has(url);
  const event = greeted ? (state.owesCompleted ? "completed" : "none") : "started";
  return [
    { ...state, at: { kind: "asking", index, event, wasComplete: state.owesCompleted } },
    [{ type: "announce", url, event }],
  ];
}

function answered(
  state: LaneState,
  reply: Pick<AnnounceReply, "intervalSeconds" | "minIntervalSeconds">,
  nowMs: number,
): LaneStep {
  if (state.at.kind !== "asking") return [state, []];
  const url = state.urls[state.at.index] ?? "";
  const urls = [url, ...state.urls.filter((other) => other !== url)];
  const greeted = new Set([...state.greeted, url]);
  const told = { ...state, urls, greeted, roundsFailed: 0 };
  const { event, wasComplete } = state.at;
  // A torrent that was complete when it met this tracker was never completed there.
  const owesCompleted = state.owesCompleted && event !== "completed" && !(event === "started" && wasComplete);
  if (owesCompleted) return ask({ ...told, owesCompleted }, 0);
  const interval = Math.min(Math.max(reply.intervalSeconds, INTERVAL_SECONDS_MIN), INTERVAL_SECONDS_MAX);
  const soonest = Math.min(interval, Math.max(reply.minIntervalSeconds ?? SOONEST_SECONDS, INTERVAL_SECONDS_MIN));
  const at = waiting(nowMs + interval * SECOND_MS, nowMs + soonest * SECOND_MS);
  return [{ ...told, owesCompleted, at }, [{ type: "wake", atMs: at.dueMs }]];
}

function failed(state: LaneState, event: Extract<LaneEvent, { type: "failed" }>, nowMs: number): LaneStep {
  if (state.at.kind !== "asking") return [state, []];
  const { index } = state.at;
  if (event.retrySeconds === "never") {
    const urls = state.urls.filter((_, n) => n !== index);
    if (index < urls.length) return ask({ ...state, urls }, index);
    return endOfRound({ ...state, urls }, event, nowMs);
  }
  if (index + 1 < state.urls.length) return ask(state, index + 1);
  return endOfRound(state, event, nowMs);
}

function endOfRound(state: LaneState, event: Extract<LaneEvent, { type: "failed" }>, nowMs: number): LaneStep {
  if (state.urls.length === 0) return [{ ...state, at: { kind: "ended", why: "refused" } }, []];
  const roundsFailed = state.roundsFailed + 1;
  const backoff =
    Math.min(BACKOFF_SECONDS_FIRST * 2 ** (roundsFailed - 1), BACKOFF_SECONDS_MAX) * (1 + event.jitter / 2);
  const asked = typeof event.retrySeconds === "number" ? Math.min(event.retrySeconds, INTERVAL_SECONDS_MAX) : 0;
  const dueMs = nowMs + Math.max(backoff, asked) * SECOND_MS;
  return [{ ...state, roundsFailed, at: waiting(dueMs, dueMs) }, [{ type: "wake", atMs: dueMs }]];
}

function finished(state: LaneState): LaneStep {
  const owing = { ...state, owesCompleted: true };
  const knows = state.urls[0] !== undefined && state.greeted.has(state.urls[0]);
  return state.at.kind === "waiting" && knows && state.roundsFailed === 0 ? ask(owing, 0) : [owing, []];
}

function starved(state: LaneState, nowMs: number): LaneStep {
  if (state.at.kind !== "waiting") return [state, []];
  if (nowMs >= state.at.soonestMs) return ask(state, 0);
  if (state.at.dueMs <= state.at.soonestMs) return [state, []];
  const at = waiting(state.at.soonestMs, state.at.soonestMs);
  return [{ ...state, at }, [{ type: "wake", atMs: at.dueMs }]];
}

function stop(state: LaneState): LaneStep {
  const effects = [...state.greeted].map((url) => ({ type: "announce", url, event: "stopped" }) as const);
  return [{ ...state, at: { kind: "ended", why: "stopped" } }, effects];
}

function waiting(dueMs: number, soonestMs: number) {
  return { kind: "waiting", dueMs, soonestMs } as const;
}
