// Calls the portal as this device: each call is signed, each answer is checked against its schema before anybody sees it.

import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { proveCall } from "../../wire/api/device-proof.ts";
import { DEVICE_AUTH_SCHEME } from "../../wire/api/v1/device-auth.ts";
import { Problem } from "../../wire/api/v1/problem.ts";
import type { Clock } from "../../world/clock.ts";
import type { Entropy } from "../../world/entropy.ts";
import type { DeviceKey } from "../device-key.ts";

const REPLY_BYTES_MAX = 32 * 1024 * 1024;
const CALL_MS_MAX = 20_000;

export type Identity = { readonly deviceId: string; readonly key: DeviceKey };
export type Outgoing = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type PortalClientParts = { readonly clock: Clock; readonly entropy: Entropy };

export class PortalClient {
  readonly url: string;
  readonly #identity: Identity | undefined;
  readonly #parts: PortalClientParts;

  /** Without an identity only the joining call makes sense. */
  constructor(url: string, identity: Identity | undefined, parts: PortalClientParts) {
    this.url = url.replace(/\/+$/u, "");
    this.#identity = identity;
    this.#parts = parts;
  }

  /** Failure codes: node.portal_unreachable, node.portal_answer_invalid, node.portal_refused, node.portal_missing. */
  async call<Reply extends TSchema>(call: Outgoing, reply: Reply): Promise<Result<Static<Reply>, Failure>> {
    const answered = await this.bytes(call);
    if (!answered.ok) return answered;
    const value = jsonOf(answered.value);
    if (!Value.Check(reply, value)) return err(failure("node.portal_answer_invalid", { detail: call.path }));
    return ok(value);
  }

  async bytes(call: Outgoing): Promise<Result<Buffer, Failure>> {
    const opened = await this.open(call, CALL_MS_MAX);
    if (!opened.ok) return opened;
    const body = await this.#body(opened.value);
    if (!body.ok) return body;
    const status = opened.value.statusCode ?? 0;
    return status >= 200 && status < 300 ? body : err(this.#refusal(status, body.value));
  }

  /** The answer with its body still to come (for the stream of events). `silenceMs` 0: no limit. */
  async open(call: Outgoing, silenceMs: number, signal?: AbortSignal): Promise<Result<IncomingMessage, Failure>> {
    const body = call.bytes ?? (call.json === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(call.json)));
    const headers: Record<string, string> = { accept: "application/json", ...call.headers, "x-swarmgate": "1" };
    if (call.json !== undefined) headers["content-type"] = "application/json";
    if (call.contentType !== undefined) headers["content-type"] = call.contentType;
    if (body.length > 0) headers["content-length"] = String(body.length);
    const url = this.#address(call.path);
    if (url === undefined) return err(this.#unreachable("that is no address of a portal"));
    if (this.#identity) headers["authorization"] = await this.#proof(this.#identity, call.method, url, body);
    return new Promise((settle) => {
      const send = url.protocol === "https:" ? httpsRequest : httpRequest;
      const sent = send(url, { method: call.method, headers, ...(signal ? { signal } : {}) });
      sent.on("response", (response) => settle(ok(response)));
      sent.on("error", (cause) => settle(err(this.#unreachable(plainCause(cause), cause))));
      if (silenceMs > 0) sent.setTimeout(silenceMs, () => sent.destroy(new Error("it takes too long")));
      sent.end(body);
    });
  }

  async #proof(identity: Identity, method: string, url: URL, body: Uint8Array): Promise<string> {
    const proof = await proveCall(
      { method, path: url.pathname + url.search, body },
      {
        deviceId: identity.deviceId,
        key: identity.key.signing,
        nonce: Buffer.from(this.#parts.entropy.bytes(18)).toString("base64url"),
        nowMs: this.#parts.clock.wallMs(),
      },
    );
    return `${DEVICE_AUTH_SCHEME} ${proof}`;
  }

  #address(path: string): URL | undefined {
    const url = URL.parse(this.url + path);
    return url && (url.protocol === "http:" || url.protocol === "https:") ? url : undefined;
  }

  #body(response: IncomingMessage): Promise<Result<Buffer, Failure>> {
    return new Promise((settle) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > REPLY_BYTES_MAX) response.destroy(new Error("the answer is too long"));
      });
      response.on("end", () => settle(ok(Buffer.concat(parts))));
      response.on("error", (cause) => settle(err(this.#unreachable(plainCause(cause), cause))));
    });
  }

  #refusal(status: number, body: Buffer): Failure {
    const problem = jsonOf(body);
    if (!Value.Check(Problem, problem)) {
      return failure("node.portal_answer_invalid", { detail: `status ${status}` });
    }
    const detail = problem.detail.replace(/\.$/u, "");
    const data = { ...problem.data, detail, next: problem.next, code: problem.code };
    return status === 404 ? failure("node.portal_missing", data) : failure("node.portal_refused", data);
  }

  #unreachable(detail: string, cause?: unknown): Failure {
    return failure("node.portal_unreachable", { portal: this.url, detail }, cause);
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function plainCause(cause: Error): string {
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the name is not known";
  return cause.message;
}
