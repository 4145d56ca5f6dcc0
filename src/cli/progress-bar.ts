// A bar on the terminal's stderr while something takes long; nothing where nobody watches.

import type { OutputOptions } from "./output.ts";
import { bar } from "./view/bar.ts";

const BAR_CELLS = 25;

export class ProgressBar {
  readonly #title: string;
  readonly #shown: boolean;
  #percent = -1;

  constructor(title: string, options: OutputOptions) {
    this.#title = title;
    this.#shown = process.stderr.isTTY && !options.quiet;
  }

  update(done: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    if (!this.#shown || percent === this.#percent) return;
    this.#percent = percent;
    process.stderr.write(`\r${this.#title} ${bar(percent, 100, BAR_CELLS)} ${percent} %`);
  }

  end(): void {
    if (this.#shown && this.#percent >= 0) process.stderr.write("\r\u001b[2K");
  }
}
