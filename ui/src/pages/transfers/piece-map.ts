// The pieces of a transfer as cells to draw: many pieces share a cell when there are more of them than room.

export type PieceCell = {
  /** Part of the cell's pieces that are here and verified, 0 to 1. */
  readonly have: number;
};

/** `bitmap` is base64, one bit a piece, high bit first. A bitmap that is too short has none of the rest. */
export function pieceCells(bitmap: string, pieceCount: number, cellsMax: number): readonly PieceCell[] {
  const bytes = Uint8Array.from(atob(bitmap), (letter) => letter.charCodeAt(0));
  const cells = Math.min(pieceCount, cellsMax);
  return Array.from({ length: cells }, (_, cell) => {
    const begin = Math.floor((cell * pieceCount) / cells);
    const end = Math.floor(((cell + 1) * pieceCount) / cells);
    let have = 0;
    for (let piece = begin; piece < end; piece += 1) have += bitAt(bytes, piece);
    return { have: have / (end - begin) };
  });
}

export function piecesHad(bitmap: string, pieceCount: number): number {
  const bytes = Uint8Array.from(atob(bitmap), (letter) => letter.charCodeAt(0));
  let had = 0;
  for (let piece = 0; piece < pieceCount; piece += 1) had += bitAt(bytes, piece);
  return had;
}

function bitAt(bytes: Uint8Array, piece: number): number {
  return ((bytes[piece >> 3] ?? 0) >> (7 - (piece & 7))) & 1;
}
