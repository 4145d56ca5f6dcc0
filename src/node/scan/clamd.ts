// Asks a clamd by INSTREAM: the bytes go over the socket, never a file name, so that no name can become a command
// (H132). Whatever is not a clear answer is unscanned (H111–H113).

import { readSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Verdict } from "../../domain/verdict.ts";
import type { Clock } from "../../world/clock.ts";
import { OpenFile } from "./identity.ts";

export type ClamdAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export type ClamdOptions = {
  readonly address: ClamdAddress;
  /** clamd says OK to what it did not look at past its own limits (MaxFileSize, 100 MiB): more is not even asked. */
  readonly bytesMax: number;
  readonly silenceMsMax: number;
};

const ENGINE = "clamd";
const CHUNK_BYTES = 128 * 1024;
const REPLY_BYTES_MAX = 4096;

/** `/path/to/socket`, `host:port` or `tcp://host:port`; undefined for anything else. */
export function parseClamdAddress(text: string): ClamdAddress | undefined {
  if (text.startsWith("/")) return { kind: "unix", path: text };
  const match = /^(?:tcp:\/\/)?(\[[0-9a-fA-F:]+\]|[^:/\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65_535) return undefined;
  return { kind: "tcp", host: match[1].replace(/^\[|\]$/gu, ""), port };
}

export class Clamd {
  readonly #options: ClamdOptions;
  readonly #clock: Clock;

  constructor(options: ClamdOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** "ClamAV 1.4.6/27812/…"; undefined when it does not answer like a clamd. */
  async version(): Promise<string | undefined> {
    const reply = await this.#converse("zVERSION\0", async () => undefined);
    return reply.kind === "reply" && reply.text.startsWith("ClamAV ") ? reply.text : undefined;
  }

  async scanBytes(content: Uint8Array): Promise<Verdict> {
    return this.#stream(content.length, async (send) => {
      for (let at = 0; at < content.length; at += CHUNK_BYTES) await send(content.subarray(at, at + CHUNK_BYTES));
    });
  }

  async scanFile(path: string): Promise<Verdict> {
    using file = new OpenFile(path);
    // Awaited here: the file must stay open until the last byte is sent.
    return await this.#stream(file.identity().bytes, async (send) => {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const count = readSync(file.fd, chunk, 0, CHUNK_BYTES, null);
        if (count === 0) return;
        await send(chunk.subarray(0, count));
      }
    });
  }

  async #stream(bytes: number, feed: (send: (part: Uint8Array) => Promise<void>) => Promise<void>): Promise<Verdict> {
    if (bytes > this.#options.bytesMax) {
      return unscanned("scan.clamd_over_limit", "It is larger than the antivirus scanner looks at.");
    }
    const version = await this.version();
    if (version === undefined) return unscanned("scan.clamd_silent", "The antivirus scanner does not answer.");
    const reply = await this.#converse("zINSTREAM\0", async (write) => {
      await feed(async (part) => {
        const frame = Buffer.alloc(4 + part.length);
        frame.writeUInt32BE(part.length);
        frame.set(part, 4);
        await write(frame);
      });
      await write(Buffer.alloc(4));
    });
    if (reply.kind === "failed") return unscanned("scan.clamd_silent", reply.why, version);
    return verdictOf(reply.text, version);
  }

  /** Sends a command and its data, and reads to the reply's closing NUL. Never rejects. */
  #converse(
    command: string,
    feed: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
  ): Promise<{ kind: "reply"; text: string } | { kind: "failed"; why: string }> {
    return new Promise((settle) => {
      const { address, silenceMsMax } = this.#options;
      const socket = address.kind === "unix" ? connect(address.path) : connect(address.port, address.host);
      let received = Buffer.alloc(0);
      let timer = this.#clock.after(silenceMsMax, () => finish("The antivirus scanner is too slow."));
      const alive = () => {
        timer.cancel();
        timer = this.#clock.after(silenceMsMax, () => finish("The antivirus scanner is too slow."));
      };
      const finish = (why: string | undefined) => {
        timer.cancel();
        socket.destroy();
        settle(
          why === undefined
            ? { kind: "reply", text: received.subarray(0, received.indexOf(0)).toString("utf8") }
            : { kind: "failed", why },
        );
      };
      socket.on("error", () => finish("The antivirus scanner cannot be reached."));
      socket.on("close", () => finish("The antivirus scanner hung up before it answered."));
      socket.on("data", (part) => {
        alive();
        received = Buffer.concat([received, part]);
        if (received.includes(0)) finish(undefined);
        else if (received.length > REPLY_BYTES_MAX) finish("The antivirus scanner's answer makes no sense.");
      });
      const write = async (bytes: Uint8Array) => {
        alive();
        if (!socket.write(bytes)) await drained(socket);
      };
      const begun = write(Buffer.from(command, "latin1")).then(() => feed(write));
      begun.catch((thrown: unknown) => finish(thrown instanceof Error ? thrown.message : String(thrown)));
    });
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((settle) => {
    const go = () => {
      socket.off("drain", go);
      socket.off("close", go);
      settle();
    };
    socket.on("drain", go);
    socket.on("close", go);
    // A socket that is already closed emits neither again.
    if (socket.destroyed) go();
  });
}

function verdictOf(reply: string, version: string): Verdict {
  if (reply === "stream: OK") {
    const clean = { outcome: "clean", reason: "scan.clean", why: "The antivirus scanner found nothing." } as const;
    return { ...clean, engine: ENGINE, signatureVersion: version, within: [] };
  }
  const signature = /^stream: ([\x21-\x7E]{1,200}) FOUND$/.exec(reply)?.[1];
  if (signature === undefined) {
    const over = reply.startsWith("INSTREAM size limit exceeded");
    return over
      ? unscanned("scan.clamd_over_limit", "It is larger than the antivirus scanner accepts.", version)
      : unscanned("scan.clamd_garbled", "The antivirus scanner's answer makes no sense.", version);
  }
  // With AlertExceedsMax and AlertEncrypted clamd reports what it could not look at as a finding of this name.
  if (/^Heuristics\.(Limits\.Exceeded|Encrypted)/.test(signature)) {
    return unscanned("scan.clamd_over_limit", "The antivirus scanner could not look at all of it.", version);
  }
  const outcome = /^(PUA\.|Heuristics\.)/.test(signature) ? "suspicious" : "infected";
  const why = `The antivirus scanner knows it as ${signature}.`;
  return { outcome, reason: signature, why, engine: ENGINE, signatureVersion: version, within: [] };
}

function unscanned(reason: string, why: string, signatureVersion = "0"): Verdict {
  return { outcome: "unscanned", reason, why, engine: ENGINE, signatureVersion, within: [] };
}
