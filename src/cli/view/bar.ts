// A bar of a share, and the map of a transfer's pieces, in characters that every terminal font has.

const SHADES = ["·", "░", "▒", "▓", "█"] as const;

export function bar(done: number, total: number, cells: number): string {
  const filled = total === 0 ? 0 : Math.min(cells, Math.floor((done / total) * cells));
  return `${"█".repeat(filled)}${"░".repeat(cells - filled)}`;
}

/**
 * Rows of at most `columns` cells. `bits` has one bit a piece, the first in the highest bit. A cell stands for one piece,
 * or for as many as are needed to fit: empty, partly here in three shades, all here.
 */
export function pieceMap(bits: Uint8Array, pieceCount: number, columns: number, rowsMax: number): string[] {
  const cells = Math.min(pieceCount, columns * rowsMax);
  let map = "";
  for (let cell = 0; cell < cells; cell += 1) {
    const begin = Math.floor((cell * pieceCount) / cells);
    const end = Math.floor(((cell + 1) * pieceCount) / cells);
    map += shade(have(bits, begin, end), end - begin);
  }
  const rows: string[] = [];
  for (let at = 0; at < map.length; at += columns) rows.push(map.slice(at, at + columns));
  return rows;
}

function have(bits: Uint8Array, begin: number, end: number): number {
  let count = 0;
  for (let piece = begin; piece < end; piece += 1) {
    if (((bits[piece >>> 3] ?? 0) & (0x80 >>> (piece & 7))) !== 0) count += 1;
  }
  return count;
}

// Only what is whole is shown as whole, and only what is empty as empty.
function shade(done: number, total: number): string {
  if (done === 0) return SHADES[0];
  if (done === total) return SHADES[4];
  return SHADES[1 + Math.min(2, Math.floor((done / total) * 3))] ?? SHADES[1];
}
