// One HTTP exchange with one address. Names, redirects and what may be asked at all are decided above this port.

import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";

export type HttpExchange = {
  /** http: or https:. Its host is the Host header and, for https, the name that the certificate must carry. */
  readonly url: string;
  /** The IP literal to connect to: the name is not looked up again (HOSTILE 83). */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exchange is cut when it has not ended by then. */
  readonly timeoutMs: number;
  /** PEM certificates that are trusted besides the system's. A wrong certificate is always refused (HOSTILE 89). */
  readonly trustedRoots?: readonly string[];
  readonly signal?: AbortSignal;
  /** The body follows when this returns true; otherwise the connection is cut. */
  onHead(head: HttpHead): boolean;
  /** Returning false cuts the connection: enough has come. */
  onBody(chunk: Uint8Array): boolean;
};

export type HttpHead = {
  readonly status: number;
  /** Lowercase names; repeated headers joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
};

export interface Http {
  /** Resolves when the body has ended or was cut by its reader. Failure code: engine.http_failed. */
  exchange(exchange: HttpExchange): Promise<Result<undefined, Failure>>;
}
