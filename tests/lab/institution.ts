// A running `swarmgate up` on a lab host, and its portal's API as a browser or a script would call it.

import { until } from "./deadline.ts";
import type { Host } from "./host.ts";
import { HttpDoor } from "./http.ts";
import type { Program } from "./program.ts";
import { startCommand } from "./swarmgate.ts";

const PORT = 7700;
const START_MS_MAX = 40_000;

export type ApiAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

type Parts = {
  readonly host: Host;
  readonly dataFolder: string;
  readonly program: Program;
  readonly url: string;
  readonly signInLink: string;
  readonly door: HttpDoor;
};

export class Institution implements Disposable {
  readonly host: Host;
  readonly dataFolder: string;
  readonly program: Program;
  /** What it printed for the person who started it. */
  readonly url: string;
  readonly signInLink: string;
  readonly #door: HttpDoor;

  private constructor(parts: Parts) {
    this.host = parts.host;
    this.dataFolder = parts.dataFolder;
    this.program = parts.program;
    this.url = parts.url;
    this.signInLink = parts.signInLink;
    this.#door = parts.door;
  }

  /** `scratch` takes a socket; it must be a short path. */
  static start(host: Host, dataFolder: string, scratch: string, args: readonly string[] = []): Promise<Institution> {
    const up = ["up", "--data", dataFolder, "--port", String(PORT), ...args];
    return Institution.attach(startCommand(host, dataFolder, up), host, dataFolder, scratch);
  }

  /** For an institution that something else started, such as `npm start`. */
  static async attach(program: Program, host: Host, dataFolder: string, scratch: string): Promise<Institution> {
    const [url] = await program.printed(/http:\/\/[\w.:[\]-]+/, START_MS_MAX);
    const [signInLink] = await program.printed(/http:\/\/\S+[?#/=][\w-]{20,}/, START_MS_MAX);
    const door = await HttpDoor.open(host, scratch, PORT);
    await until("the portal answers", () => door.answers("/healthz"), START_MS_MAX);
    return new Institution({ host, dataFolder, program, url, signInLink, door });
  }

  /** Signs in by the one-time link that was printed; gives the session's token. */
  async signInByLink(): Promise<string> {
    const token = /[\w-]{20,}$/.exec(this.signInLink)?.[0];
    const answer = await this.api("POST", "/api/v1/session/link", { body: { token } });
    if (answer.status !== 200) throw new Error(`the sign-in link was refused: ${JSON.stringify(answer.body)}`);
    return String(answer.body["token"]);
  }

  async api(method: string, path: string, options: { token?: string; body?: unknown } = {}): Promise<ApiAnswer> {
    const headers: Record<string, string> = { host: `127.0.0.1:${PORT}`, "x-swarmgate": "1" };
    if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`;
    if (options.body !== undefined) headers["content-type"] = "application/json";
    const body = options.body === undefined ? {} : { body: JSON.stringify(options.body) };
    const answer = await this.#door.call({ method, path, headers, ...body });
    const text = answer.body.toString();
    return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  /** A page as a browser gets it. */
  async page(path: string): Promise<{ status: number; text: string }> {
    const answer = await this.#door.call({ path, headers: { host: `127.0.0.1:${PORT}`, accept: "text/html" } });
    return { status: answer.status, text: answer.body.toString() };
  }

  /** Stops it as Ctrl-C does. */
  async stop(): Promise<void> {
    this.#door[Symbol.dispose]();
    await this.program.stop("SIGINT", 20_000);
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
    this.program[Symbol.dispose]();
  }
}
