// HTTP to a program inside a lab host, through a door.

import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withDeadline } from "./deadline.ts";
import type { Host } from "./host.ts";
import { Program } from "./program.ts";

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

export type HttpCall = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

const ANSWER_MS_MAX = 20_000;
let doorsOpened = 0;

export class HttpDoor implements Disposable {
  readonly #socketPath: string;
  readonly #door: Program;

  private constructor(socketPath: string, door: Program) {
    this.#socketPath = socketPath;
    this.#door = door;
  }

  /** `folder` takes the socket; `port` is one of the host's loopback. */
  static async open(host: Host, folder: string, port: number): Promise<HttpDoor> {
    doorsOpened += 1;
    const socketPath = join(folder, `door-${doorsOpened}`);
    const script = fileURLToPath(new URL("door.ts", import.meta.url));
    const door = host.start(process.execPath, [script, socketPath, "127.0.0.1", String(port)]);
    await door.printed(/open/);
    return new HttpDoor(socketPath, door);
  }

  call(call: HttpCall): Promise<HttpAnswer> {
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.#socketPath,
          method: call.method ?? "GET",
          path: call.path,
          headers: { host: "127.0.0.1", ...call.headers },
          // A connection that is used again may be closed at that moment: opentracker answers once and says nothing of it.
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(call.body);
    });
    return withDeadline(answer, ANSWER_MS_MAX, () => `no answer to ${call.path}`);
  }

  /** The door opens before the program behind it listens; until then calls fail. */
  async answers(path: string): Promise<boolean> {
    try {
      await this.call({ path });
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.#door[Symbol.dispose]();
  }
}
