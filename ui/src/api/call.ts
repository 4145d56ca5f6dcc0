// One call to the portal. Every refusal arrives as the sentence that a person reads and what they can do next.

import type { Problem } from "../../../src/wire/api/v1/problem.ts";
import { readReply } from "./reply.ts";

export type Refusal = {
  /** 0 when the portal could not be reached at all. */
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string;
  readonly next: string;
};

export class RefusalError extends Error {
  override readonly name = "RefusalError";
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

const UNREACHABLE: Refusal = {
  status: 0,
  code: undefined,
  detail: "The portal did not answer: it may be restarting, or your connection is down.",
  next: "Nothing you typed is lost. Try again in a moment.",
};

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type CallOptions = {
  readonly body?: unknown;
  /** A file's own bytes instead of JSON, with their media type. */
  readonly file?: { readonly bytes: Blob; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Lets the call outlive the page: an undoable action that is sent because the page closes. */
  readonly keepalive?: boolean;
};

export async function call<Reply>(method: Method, path: string, options: CallOptions = {}): Promise<Reply> {
  const response = await send(method, path, options);
  if (!response.ok) throw new RefusalError(await refusalOf(response));
  if (response.status === 204) return undefined as Reply;
  return readReply(await response.text()) as Reply;
}

/** A thrown value as a refusal: what is no refusal of the portal is a fault of the page. */
export function refusalFrom(thrown: unknown): Refusal {
  if (thrown instanceof RefusalError) return thrown.refusal;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    status: 500,
    code: undefined,
    detail: `This page failed: ${detail}.`,
    next: "Reload the page; if it fails again, tell the service desk.",
  };
}

async function send(method: Method, path: string, options: CallOptions): Promise<Response> {
  const { file, body, headers = {}, keepalive = false } = options;
  // The portal refuses changes without these: a foreign page cannot send them (cross-site request forgery).
  const changing = method === "GET" ? {} : { "x-swarmgate": "1", "content-type": file?.type ?? "application/json" };
  const init: RequestInit = {
    method,
    credentials: "same-origin",
    cache: "no-store",
    keepalive,
    headers: { accept: "application/json", ...changing, ...headers },
    ...(method === "GET" ? {} : { body: file?.bytes ?? JSON.stringify(body ?? {}) }),
  };
  try {
    return await fetch(`/api/v1${path}`, init);
  } catch {
    throw new RefusalError(UNREACHABLE);
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const problem = readReply(await response.text()) as Partial<Problem>;
    return {
      status: response.status,
      code: problem.code,
      detail: problem.detail ?? problem.title ?? `The portal answered ${response.status}.`,
      next: problem.next ?? "",
    };
  } catch {
    return {
      status: response.status,
      code: undefined,
      detail: `The portal answered ${response.status} without a reason.`,
      next: "Try again in a moment.",
    };
  }
}

/** A query string of what is set. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
