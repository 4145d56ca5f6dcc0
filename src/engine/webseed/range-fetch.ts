// Fetches a range of one file over HTTP: exactly the bytes that were asked for, or nothing that counts (H88).

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Reach } from "../../domain/address/url-policy.ts";
import type { HttpHead } from "../../world/http.ts";
import { type GuardedWorld, guardedExchange } from "../http/guarded-exchange.ts";

export type RangeFetch = {
  readonly url: string;
  readonly reach: Reach;
  readonly trustedRoots?: readonly string[];
  readonly beginBytes: number;
  /** Filled from its start; its length is the length of the range. */
  readonly into: Uint8Array;
  readonly fileBytes: number;
  readonly signal: AbortSignal;
  /** More of `into` is filled: `filledBytes` in all. */
  readonly onProgress: (filledBytes: number) => void;
};

const RANGE_MS_MAX = 60_000;

/** Failure codes: engine.http_failed, engine.url_refused. */
export async function fetchRange(fetch: RangeFetch, world: GuardedWorld): Promise<Result<undefined, Failure>> {
  const { beginBytes, into } = fetch;
  let filledBytes = 0;
  let trouble: string | undefined;
  const answered = await guardedExchange(
    {
      url: fetch.url,
      reach: fetch.reach,
      headers: {
        "user-agent": "Swarmgate/0.1",
        "accept-encoding": "identity",
        range: `bytes=${beginBytes}-${beginBytes + into.length - 1}`,
      },
      timeoutMs: RANGE_MS_MAX,
      signal: fetch.signal,
      ...(fetch.trustedRoots && { trustedRoots: fetch.trustedRoots }),
      onHead: (head) => {
        trouble = troubleWith(head, fetch);
        return trouble === undefined;
      },
      onBody: (chunk) => {
        const wanted = chunk.subarray(0, into.length - filledBytes);
        if (chunk.length > wanted.length) {
          trouble = "it sent more than was asked for";
          return false;
        }
        into.set(wanted, filledBytes);
        filledBytes += wanted.length;
        fetch.onProgress(filledBytes);
        return true;
      },
    },
    world,
  );
  if (!answered.ok) return answered;
  trouble ??= filledBytes < into.length ? "it sent less than was asked for" : undefined;
  if (trouble === undefined) return ok();
  return err(failure("engine.http_failed", { host: URL.parse(fetch.url)?.host ?? "?", why: trouble }));
}

function troubleWith(head: HttpHead, { beginBytes, into, fileBytes }: RangeFetch): string | undefined {
  const encoding = head.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return "it packed the file";
  // Without ranges a server is only of use when the whole file was wanted.
  if (head.status === 200) return beginBytes === 0 && into.length === fileBytes ? undefined : "it cannot serve ranges";
  if (head.status !== 206) return `HTTP status ${head.status}`;
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(head.headers.get("content-range") ?? "") ?? [];
  const right = Number(first) === beginBytes && Number(last) === beginBytes + into.length - 1;
  if (!right) return "it sent another range";
  return total === "*" || Number(total) === fileBytes ? undefined : "its file has another length";
}
