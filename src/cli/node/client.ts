// Calls the node that runs on this computer, over the socket that it wrote down in its data folder.

import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Route } from "../../wire/api/v1/route.ts";
import { LOCAL_HOST } from "../../wire/local/routes.ts";
import { dataFolder } from "../data-folder.ts";

const Place = Type.Object({ socket: Type.String(), pid: Type.Number() });
const Refusal = Type.Object({
  code: Type.String(),
  data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
});

type ReplyOf<R extends Route> = R extends { readonly reply: infer S extends TSchema } ? Static<S> : never;
type CallInput = { readonly id?: string; readonly body?: unknown };

export class NodeClient {
  readonly #folder: string;

  /** `data` as given on the command line. */
  constructor(data: string | undefined) {
    this.#folder = join(dataFolder(data), "node");
  }

  get folder(): string {
    return this.#folder;
  }

  /** Failure codes: node.not_running and whatever the node answers. */
  async call<R extends Route>(route: R, input: CallInput = {}): Promise<Result<ReplyOf<R>, Failure>> {
    const socketPath = this.#socketPath();
    const notRunning = err(failure("node.not_running", { folder: this.#folder }));
    if (socketPath === undefined) return notRunning;
    const path = route.path.replace(":id", encodeURIComponent(input.id ?? ""));
    const body = route.body === undefined ? "" : JSON.stringify(input.body ?? {});
    const answer = await exchange({ socketPath, method: route.method, path, body });
    if (answer === undefined) return notRunning;
    if (answer.status === 200 && route.reply && Value.Check(route.reply, answer.value)) {
      return ok(answer.value as ReplyOf<R>);
    }
    if (Value.Check(Refusal, answer.value)) return err(failure(answer.value.code, answer.value.data));
    return err(failure("node.call_invalid", { detail: "the node answers in another form" }));
  }

  #socketPath(): string | undefined {
    const record = join(this.#folder, "local.json");
    if (!existsSync(record)) return undefined;
    const value: unknown = JSON.parse(readFileSync(record, "utf8"));
    return Value.Check(Place, value) ? value.socket : undefined;
  }
}

type Exchange = { readonly socketPath: string; readonly method: string; readonly path: string; readonly body: string };

function exchange(call: Exchange): Promise<{ status: number; value: unknown } | undefined> {
  return new Promise((settle) => {
    const { socketPath, method, path, body } = call;
    const headers = { host: LOCAL_HOST, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ socketPath, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", () => settle(undefined));
      response.on("end", () => {
        settle({ status: response.statusCode ?? 0, value: jsonOf(Buffer.concat(parts).toString("utf8")) });
      });
    });
    sent.on("error", () => settle(undefined));
    sent.end(body);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
