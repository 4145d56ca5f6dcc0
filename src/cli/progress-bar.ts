// A bar on the terminal's stderr while something takes long; nothing where nobody watches.

import type { OutputOptions } from "./output.ts";

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
    const filled = Math.floor(percent / 4);
    process.stderr.write(`\r${this.#title} ${"█".repeat(filled)}${"░".repeat(25 - filled)} ${percent} %`);
  }

  end(): void {
    if (this.#shown && this.#percent >= 0) process.stderr.write("\r\u001b[2K");
  }
}
