// A real terminal by tmux: what a person would see in it, at any size.

import { execFileSync } from "node:child_process";
import { until } from "./deadline.ts";

let terminalsMade = 0;

export class Terminal implements Disposable {
  readonly #server: string;

  private constructor(server: string) {
    this.#server = server;
  }

  /** Runs one shell command in a window of that size; when it ends, the shell waits for more. */
  static open(columns: number, rows: number, command: string): Terminal {
    terminalsMade += 1;
    const terminal = new Terminal(`swarmgate-${process.pid}-${terminalsMade}`);
    const size = ["-x", String(columns), "-y", String(rows)];
    const shell = `PS1='ready> ' exec bash --norc --noprofile -i`;
    terminal.#tmux("-f", "/dev/null", "new-session", "-d", ...size, shell);
    terminal.type(`clear; ${command}\n`);
    return terminal;
  }

  type(keys: string): void {
    this.#tmux("send-keys", "-l", keys);
  }

  press(key: string): void {
    this.#tmux("send-keys", key);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** The lines on the screen, without those that are empty at its end. */
  screen(): string[] {
    return this.#tmux("capture-pane", "-p").trimEnd().split("\n");
  }

  /** With everything that scrolled away. */
  history(): string {
    return this.#tmux("capture-pane", "-p", "-S", "-");
  }

  async shows(pattern: RegExp, withinMs = 60_000): Promise<string[]> {
    try {
      return await until(`the terminal shows ${pattern}`, () => this.#screenWith(pattern), withinMs);
    } catch (thrown) {
      throw new Error(this.history(), { cause: thrown });
    }
  }

  #screenWith(pattern: RegExp): string[] | undefined {
    const screen = this.screen();
    return pattern.test(screen.join("\n")) ? screen : undefined;
  }

  [Symbol.dispose](): void {
    this.#tmux("kill-server");
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync("tmux", ["-L", this.#server, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
}
