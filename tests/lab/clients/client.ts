// What the lab asks of every real BitTorrent client, however it likes to be asked.

import type { Leaf } from "../certificates.ts";
import { until } from "../deadline.ts";
import type { Program } from "../program.ts";

export type Source = { readonly file: string } | { readonly magnet: string };
export type Encryption = "off" | "prefer" | "require";

export type ClientOptions = {
  /** An empty folder for its settings. */
  readonly folder: string;
  readonly port?: number;
  readonly encryption?: Encryption;
  readonly utp?: boolean;
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
};

export type TransferState = {
  readonly complete: boolean;
  readonly doneBytes: number;
  readonly uploadedBytes: number;
  readonly peers: number;
  /** What the client says went wrong. */
  readonly trouble: string | undefined;
};

export interface Transfer {
  state(): Promise<TransferState>;
  /** Dials a peer; undefined where the client has no way to be told of one. */
  readonly addPeer: ((address: string, port: number) => Promise<void>) | undefined;
  /** For an SSL torrent, where the client knows such: this peer's certificate. */
  readonly certificate?: (leaf: Leaf) => Promise<void>;
}

export interface Client extends Disposable {
  readonly title: string;
  readonly port: number;
  readonly program: Program;
  /** Adds and starts; `folder` holds the content already, or takes it. */
  add(source: Source, folder: string): Promise<Transfer>;
}

/** Waits until the client has every byte; a failure tells its last state. */
export async function completed(client: Client, transfer: Transfer, withinMs = 60_000): Promise<void> {
  let last: TransferState | undefined;
  try {
    await until(
      `${client.title} completes`,
      async () => {
        last = await transfer.state();
        return last.complete;
      },
      withinMs,
    );
  } catch (thrown) {
    throw new Error(`${JSON.stringify(last)}\n${client.program.tail()}`, { cause: thrown });
  }
}
