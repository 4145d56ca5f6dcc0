// One announce to one tracker, over HTTP or UDP, at its IPv4 and its IPv6 address: to a tracker those are two clients (BEP 7).

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { CheckedUrl, Reach } from "../../domain/address/url-policy.ts";
import type { AnnounceReply, AnnounceRequest, ScrapeReply } from "../../wire/tracker/announce.ts";
import {
  announceUrl,
  REPLY_BYTES_MAX,
  readAnnounceReply,
  readScrapeReply,
  scrapeUrl,
} from "../../wire/tracker/http-tracker.ts";
import type { HttpHead } from "../../world/http.ts";
import { BoundedBody } from "../http/bounded-body.ts";
import {
  allowedAddresses,
  checkHttpUrl,
  checkUdpUrl,
  type GuardedWorld,
  guardedExchange,
} from "../http/guarded-exchange.ts";
import { UdpTrackerClient, type UdpWorld } from "./udp-client.ts";

export type TrackerWorld = GuardedWorld & UdpWorld;

export type TrackerPolicy = {
  /** Which addresses trackers may have. Labs and the institution's own tracker need more than the public ones. */
  readonly reach: Reach;
  /** PEM roots trusted besides the system's, for a tracker of the institution. */
  readonly trustedRoots?: readonly string[];
};

/** A refusal may say when to come back. */
export type TrackerFailure = { readonly failure: Failure; readonly retrySeconds: number | "never" | undefined };

export type Announced = Result<AnnounceReply, TrackerFailure>;

const HTTP_MS_MAX = 20_000;
const HEADERS = { "user-agent": "Swarmgate/0.1", accept: "text/plain", "accept-encoding": "gzip", connection: "close" };

export class TrackerClient {
  readonly #world: TrackerWorld;
  readonly #policy: TrackerPolicy;
  readonly #udp: UdpTrackerClient;

  constructor(policy: TrackerPolicy, world: TrackerWorld) {
    this.#world = world;
    this.#policy = policy;
    this.#udp = new UdpTrackerClient(world);
  }

  async announce(url: string, request: AnnounceRequest, signal: AbortSignal): Promise<Announced> {
    const overUdp = /^udp:/i.test(url);
    const checked = overUdp ? checkUdpUrl(url) : checkHttpUrl(url);
    if (!checked.ok) return lost(checked.error, "never");
    const allowed = await allowedAddresses(checked.value, this.#policy.reach, this.#world.names);
    if (!allowed.ok) return lost(allowed.error, allowed.error.code === "engine.url_refused" ? "never" : undefined);
    const answers = await Promise.all(
      firstOfEachFamily(allowed.value).map((address) =>
        overUdp
          ? this.#announceUdp(checked.value, address, request, signal)
          : this.#announceHttp(checked.value, address, request, signal),
      ),
    );
    return mergeAnswers(answers);
  }

  async close(): Promise<void> {
    await this.#udp.close();
  }

  async #announceUdp(
    url: CheckedUrl,
    address: string,
    request: AnnounceRequest,
    signal: AbortSignal,
  ): Promise<Announced> {
    const { pathname, search } = new URL(url.href);
    const reply = await this.#udp.announce({ host: address, port: url.port }, pathname + search, request, signal);
    return reply.ok ? reply : lost(reply.error, undefined);
  }

  async #announceHttp(
    url: CheckedUrl,
    address: string,
    request: AnnounceRequest,
    signal: AbortSignal,
  ): Promise<Announced> {
    const answer = await this.#get(announceUrl(url.href, request), address, signal);
    if (!answer.ok) return lost(answer.error, undefined);
    const { head, bytes } = answer.value;
    const word = bytes ? readAnnounceReply(bytes) : ({ kind: "malformed" } as const);
    const failed = (why: string) => failure("engine.tracker_failed", { host: url.host, why });
    // Some trackers send their refusal with a status of 4xx: the words matter more than the number.
    if (word.kind === "refused") {
      return lost(failure("engine.tracker_refused", { host: url.host, why: word.message }), word.retrySeconds);
    }
    if (head.status !== 200) return lost(failed(`HTTP status ${head.status}`), retryAfter(head));
    return word.kind === "reply" ? ok(word.reply) : lost(failed("its answer cannot be read"), undefined);
  }

  /** What the tracker counts (BEP 15, BEP 48); undefined when it does not say. */
  async scrape(url: string, infoHash: Uint8Array, signal: AbortSignal): Promise<ScrapeReply | undefined> {
    if (/^udp:/i.test(url)) return this.#scrapeUdp(url, infoHash, signal);
    const target = scrapeUrl(url, infoHash);
    const answer = target === undefined ? undefined : await this.#get(target, undefined, signal);
    const bytes = answer?.ok && answer.value.head.status === 200 ? answer.value.bytes : undefined;
    const word = bytes && readScrapeReply(bytes, infoHash);
    return word?.kind === "reply" ? word.reply : undefined;
  }

  async #scrapeUdp(url: string, infoHash: Uint8Array, signal: AbortSignal): Promise<ScrapeReply | undefined> {
    const checked = checkUdpUrl(url);
    if (!checked.ok) return undefined;
    const allowed = await allowedAddresses(checked.value, this.#policy.reach, this.#world.names);
    const [address] = allowed.ok ? allowed.value : [];
    if (address === undefined) return undefined;
    const counts = await this.#udp.scrape({ host: address, port: checked.value.port }, infoHash, signal);
    return counts.ok ? counts.value : undefined;
  }

  async #get(url: string, address: string | undefined, signal: AbortSignal): Promise<Result<HttpAnswer, Failure>> {
    const body = new BoundedBody(REPLY_BYTES_MAX);
    let head: HttpHead = { status: 0, headers: new Map() };
    const answered = await guardedExchange(
      {
        url,
        reach: this.#policy.reach,
        headers: HEADERS,
        timeoutMs: HTTP_MS_MAX,
        signal,
        ...(address !== undefined && { address }),
        ...(this.#policy.trustedRoots && { trustedRoots: this.#policy.trustedRoots }),
        onHead: (answer) => {
          head = answer;
          return true;
        },
        onBody: (chunk) => body.add(chunk),
      },
      this.#world,
    );
    return answered.ok ? ok({ head, bytes: body.read(head) }) : answered;
  }
}

/** `bytes` is undefined when the body was too much or packed in a way that is not understood. */
type HttpAnswer = { readonly head: HttpHead; readonly bytes: Uint8Array | undefined };

function retryAfter(head: HttpHead): number | undefined {
  const text = head.headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

export function firstOfEachFamily(addresses: readonly string[]): string[] {
  const v4 = addresses.find((address) => !address.includes(":"));
  const v6 = addresses.find((address) => address.includes(":"));
  return [v4, v6].filter((address) => address !== undefined);
}

/** One answer is enough; the peers of all of them count. */
function mergeAnswers(answers: readonly Announced[]): Announced {
  const replies = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  const [first] = replies;
  if (!first) return answers[0] ?? lost(failure("engine.tracker_failed", { host: "?", why: "no address" }), undefined);
  const both = { peers: replies.flatMap(({ peers }) => peers), named: replies.flatMap(({ named }) => named) };
  return ok({ ...first, ...both });
}

function lost(reason: Failure, retrySeconds: TrackerFailure["retrySeconds"]): Announced {
  return err({ failure: reason, retrySeconds });
}
