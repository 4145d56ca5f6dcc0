// A block of lines at the end of a terminal that is drawn again in its place. The cursor is never hidden and no mode is
// switched: whatever ends the program, the terminal is as it was.

import type { WriteStream } from "node:tty";
import { clip, widthOf } from "./text-width.ts";

export type ScreenSize = { readonly columns: number; readonly rows: number };

const SIZE_UNKNOWN: ScreenSize = { columns: 80, rows: 24 };

export class LiveBlock {
  readonly #out: WriteStream;
  /** Cells of each line that is on the screen now. */
  #drawn: readonly number[] = [];
  readonly #forget = (): void => {
    this.#drawn = [];
  };

  constructor(out: WriteStream) {
    this.#out = out;
    // After a stop (Ctrl-Z) the shell has written below the block.
    process.on("SIGCONT", this.#forget);
  }

  /** What may be drawn: the last column stays free, so that nothing wraps, and a row for the cursor and what is typed. */
  get size(): ScreenSize {
    const { columns, rows } = this.#out;
    return { columns: (columns || SIZE_UNKNOWN.columns) - 1, rows: (rows || SIZE_UNKNOWN.rows) - 1 };
  }

  draw(lines: readonly string[]): void {
    const { columns, rows } = this.size;
    const fitting = lines.slice(0, Math.max(1, rows)).map((line) => clip(line, columns));
    // Each line takes away the rest of the old one: an empty screen in between would flicker.
    this.#out.write(`${this.#toTop()}${fitting.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    this.#drawn = fitting.map(widthOf);
  }

  /** Takes the block away; what is written next stands in its place. */
  end(): void {
    if (this.#drawn.length > 0) this.#out.write(`${this.#toTop()}\u001b[J`);
    this.#drawn = [];
    process.off("SIGCONT", this.#forget);
  }

  // A window that became narrower has wrapped the lines that it showed.
  #toTop(): string {
    const columns = this.size.columns + 1;
    const rows = this.#drawn.reduce((sum, cells) => sum + Math.max(1, Math.ceil(cells / columns)), 0);
    return `\r${rows > 0 ? `\u001b[${rows}A` : ""}`;
  }
}
