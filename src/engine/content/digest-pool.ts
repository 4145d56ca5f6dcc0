// Spreads the hashing of a torrent's pieces over threads and tells how far it is.

import type { Disk } from "../../world/disk.ts";
import type { Threads } from "../../world/threads.ts";
import type { DigestOrder } from "./digest-thread.ts";
import { type DigestSource, PieceDigester, type PieceDigests } from "./piece-digest.ts";

export type DigestOptions = {
  readonly threads: number;
  readonly onProgress?: (piecesDone: number, piecesTotal: number) => void;
};

export type DigestWorld = { readonly disk: Disk; readonly threads: Threads };

/** A thread's share at a time: long enough to be worth a message, short enough to end together. */
const SHARE_BYTES = 8 * 1024 * 1024;
/** Less content than this is hashed before a thread would have started. */
const THREADS_WORTH_BYTES = 32 * 1024 * 1024;

/** The digests of all pieces, in order. */
export async function digestAll(
  source: DigestSource,
  options: DigestOptions,
  world: DigestWorld,
): Promise<PieceDigests[]> {
  const piecesTotal = Math.ceil(source.spanBytes / source.pieceLengthBytes);
  const share = Math.max(1, Math.floor(SHARE_BYTES / source.pieceLengthBytes));
  const queue = shares(piecesTotal, share);
  const done: PieceDigests[] = [];
  let piecesDone = 0;
  const keep = (digests: PieceDigests) => {
    done.push(digests);
    piecesDone += digests.readable.length;
    options.onProgress?.(piecesDone, piecesTotal);
  };
  const threads = source.spanBytes < THREADS_WORTH_BYTES ? 0 : Math.min(options.threads, piecesTotal);
  if (threads === 0) {
    const digester = new PieceDigester(source, world.disk);
    for (const { first, end } of queue) keep(digester.digest(first, end));
    digester.close();
  } else {
    await Promise.all(Array.from({ length: threads }, () => runThread(source, queue, keep, world.threads)));
  }
  return done.sort((a, b) => a.first - b.first);
}

type Share = { readonly first: number; readonly end: number };

function* shares(piecesTotal: number, share: number): Generator<Share> {
  for (let first = 0; first < piecesTotal; first += share) yield { first, end: Math.min(first + share, piecesTotal) };
}

async function runThread(
  source: DigestSource,
  queue: Iterator<Share>,
  keep: (digests: PieceDigests) => void,
  threads: Threads,
): Promise<void> {
  const running = Promise.withResolvers<void>();
  // A second share waits in the thread, so that it never idles between messages.
  let waiting = 0;
  const feed = (): void => {
    while (waiting < 2) {
      const next = queue.next();
      if (next.done) break;
      thread.post(next.value satisfies DigestOrder);
      waiting++;
    }
    if (waiting === 0) running.resolve();
  };
  const onMessage = (message: unknown): void => {
    waiting--;
    keep(message as PieceDigests);
    feed();
  };
  const thread = threads.start(new URL("./digest-thread.ts", import.meta.url), { onMessage, onDeath: running.reject });
  thread.post({ source } satisfies DigestOrder);
  feed();
  try {
    await running.promise;
  } finally {
    await thread.stop();
  }
}
