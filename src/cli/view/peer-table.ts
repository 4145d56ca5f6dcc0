// The peers of a transfer as a table on a terminal. What peers say of themselves is shown inert.

import { sayBytes } from "../byte-count.ts";
import { inert } from "../inert-text.ts";
import { fit, widthOf } from "./text-width.ts";

export type PeerRow = {
  readonly address: string;
  readonly client: string;
  readonly transport: string;
  /** How much of the content it has: 0 to 1. */
  readonly share: number;
  readonly rateDown: number;
  readonly rateUp: number;
  /** What keeps it from giving more, in a word or two. */
  readonly note: string;
};

const CLIENT_CELLS = 22;
const RATE_CELLS = 12;
const ADDRESS_CELLS_MIN = 15;
/** With less room the client's name goes below nothing and the lesser columns are left out. */
const WIDE_COLUMNS = 76;

/** The busiest first, at most `rowsMax` lines; the last one says how many are not shown. */
export function peerTable(peers: readonly PeerRow[], columns: number, rowsMax: number): string[] {
  if (peers.length === 0 || rowsMax < 1) return [];
  const shown = peers.length <= rowsMax ? peers.length : rowsMax - 1;
  const sorted = peers.toSorted(
    (a, b) => b.rateDown + b.rateUp - a.rateDown - a.rateUp || a.address.localeCompare(b.address),
  );
  const addressCells = Math.max(ADDRESS_CELLS_MIN, ...sorted.slice(0, shown).map(({ address }) => widthOf(address)));
  const lines = sorted.slice(0, shown).map((peer) => line(peer, columns, addressCells));
  const left = peers.length - shown;
  return left === 0 ? lines : [...lines, `and ${left} more ${left === 1 ? "peer" : "peers"}`];
}

function line(peer: PeerRow, columns: number, addressCells: number): string {
  const percent = `${Math.floor(peer.share * 100)} %`.padStart(5);
  const down = `↓ ${sayBytes(peer.rateDown)}/s`.padEnd(RATE_CELLS);
  if (columns < WIDE_COLUMNS) return `${fit(peer.address, addressCells)} ${percent} ${down} ${inert(peer.client)}`;
  const up = `↑ ${sayBytes(peer.rateUp)}/s`.padEnd(RATE_CELLS);
  const client = fit(inert(peer.client), CLIENT_CELLS);
  return `${fit(peer.address, addressCells)} ${client} ${percent} ${down} ${up} ${fit(peer.transport, 4)} ${peer.note}`.trimEnd();
}
