// The thread that hashes pieces: one per core, so that a disk full of content is checked at the speed of all of them.

import { realDisk } from "../../world/real/disk.ts";
import { ownThreadPort } from "../../world/real/threads.ts";
import { type DigestSource, PieceDigester } from "./piece-digest.ts";

/** The source comes first, then shares of its pieces. */
export type DigestOrder =
  | { readonly source: DigestSource }
  | { readonly source?: undefined; readonly first: number; readonly end: number };

const port = ownThreadPort();
let digester: PieceDigester | undefined;

port.onMessage((message) => {
  const order = message as DigestOrder;
  if (order.source) digester = new PieceDigester(order.source, realDisk);
  else port.post(digester?.digest(order.first, order.end));
});
