// Calls the portal's API as the person who signed in at this machine.

import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { isErrorCode } from "../domain/errors/table.ts";
import { Problem } from "../wire/api/v1/problem.ts";
import type { Route } from "../wire/api/v1/route.ts";
import { readSessions } from "./session-file.ts";

export type PortalOptions = { readonly portal?: string | undefined; readonly data?: string | undefined };

type CallInput = {
  readonly id?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly bytes?: { readonly type: string; readonly content: Uint8Array };
};

type ReplyOf<R extends Route> = R extends { readonly reply: infer S extends TSchema } ? Static<S> : string;

const ANSWER_WAIT_MAX_MS = 30_000;

export class PortalClient {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(url: string, token: string | undefined) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  get url(): string {
    return this.#url;
  }

  /** The reply of one row of the route table; text for those that reply with something else than JSON. */
  async call<R extends Route>(route: R, input: CallInput = {}): Promise<Result<ReplyOf<R>, Failure>> {
    const path = route.path.replace(":id", encodeURIComponent(input.id ?? ""));
    const search = searchOf(input.query ?? {});
    const { bytes } = input;
    const body = bytes === undefined ? bodyText(input.body) : new Uint8Array(bytes.content);
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#url + path + search, {
        method: route.method,
        headers: {
          "x-swarmgate": "1",
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          ...(body === undefined ? {} : { "content-type": bytes?.type ?? "application/json" }),
        },
        ...(body === undefined ? {} : { body }),
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_WAIT_MAX_MS),
      });
      text = await response.text();
    } catch (cause) {
      return err(failure("portal.address_unreachable", { url: this.#url, detail: reasonOf(cause) }, cause));
    }
    if (!response.ok) return err(refusalOf(text, this.#url, response.status));
    if (route.reply === undefined) return ok(text as ReplyOf<R>);
    const value: unknown = parsed(text);
    // What another version of the portal replies is checked before it is believed.
    if (Value.Check(route.reply, value)) return ok(value as ReplyOf<R>);
    return err(failure("portal.address_unreachable", { url: this.#url, detail: "it answered in an unknown form" }));
  }
}

/** The client of the session that was opened last, or of the one for `--portal`. */
export function signedInClient(options: PortalOptions): Result<PortalClient, Failure> {
  const wanted = options.portal?.replace(/\/+$/, "");
  const session = readSessions(options.data).find((one) => wanted === undefined || one.portal === wanted);
  if (session === undefined || session.expiresAtMs <= Date.now()) return err(failure("portal.sign_in_needed"));
  return ok(new PortalClient(session.portal, session.token));
}

function searchOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, value);
  return given.size === 0 ? "" : `?${given.toString()}`;
}

function bodyText(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

function refusalOf(text: string, url: string, status: number): Failure {
  const problem = parsed(text);
  if (Value.Check(Problem, problem) && isErrorCode(problem.code)) return failure(problem.code, problem.data);
  return failure("portal.address_unreachable", { url, detail: `it answered with status ${status}` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
}
