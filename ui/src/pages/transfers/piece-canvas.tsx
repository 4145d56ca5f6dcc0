// The piece map: a canvas that redraws at most once a frame, and the same in words for those who do not see it.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { countText, shareText } from "../../format/bytes.ts";
import { useAppearance } from "../../world/appearance.ts";
import { type PieceCell, pieceCells, piecesHad } from "./piece-map.ts";

const CELL_PX = 10;
const GAP_PX = 2;
const ROWS_MAX = 12;

export function PieceCanvas({
  pieces,
  pieceCount,
}: {
  readonly pieces: string;
  readonly pieceCount: number;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const appearance = useAppearance();
  const width = useWidth(canvas);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null) draw(canvas.current, width, (room) => pieceCells(pieces, pieceCount, room));
    });
    return () => cancelAnimationFrame(frame);
  }, [pieces, pieceCount, width, appearance]);
  const had = piecesHad(pieces, pieceCount);
  return (
    <figure className="pieces">
      <canvas ref={canvas} aria-hidden="true" />
      <figcaption className="small">
        {had.toLocaleString("en-GB")} of {countText(pieceCount, "piece")} here and verified (
        {shareText(had, pieceCount)})
        <span className="pieces-key" aria-hidden="true">
          <i data-key="have" /> here <i data-key="part" /> in part <i data-key="none" /> missing
        </span>
      </figcaption>
    </figure>
  );
}

function useWidth(canvas: { readonly current: HTMLCanvasElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const box = canvas.current?.parentElement;
    if (box === null || box === undefined) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(box);
    return () => observer.disconnect();
  }, [canvas]);
  return width;
}

function draw(canvas: HTMLCanvasElement, width: number, cellsFor: (room: number) => readonly PieceCell[]): void {
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (CELL_PX + GAP_PX)));
  const cells = cellsFor(columns * ROWS_MAX);
  const height = Math.ceil(cells.length / columns) * (CELL_PX + GAP_PX);
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.scale(scale, scale);
  // Colours are read where CSS has resolved them: a custom property would still be the text of light-dark().
  const { color: have, borderTopColor: edge } = getComputedStyle(canvas);
  pen.lineWidth = 1;
  for (const [index, cell] of cells.entries()) {
    const x = (index % columns) * (CELL_PX + GAP_PX);
    const y = Math.floor(index / columns) * (CELL_PX + GAP_PX);
    pen.strokeStyle = edge;
    pen.strokeRect(x + 0.5, y + 0.5, CELL_PX - 1, CELL_PX - 1);
    // A part is a part of the cell's height: it is told by shape and not by shade.
    const filled = Math.round(CELL_PX * cell.have);
    pen.fillStyle = have;
    pen.fillRect(x, y + CELL_PX - filled, CELL_PX, filled);
  }
}
