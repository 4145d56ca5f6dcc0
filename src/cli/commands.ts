// The list of commands, in the order that `--help` shows them. Each file is loaded only when its command runs.

import type { Command } from "commander";

export type CommandFile = { readonly command: (command: Command) => void };
export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandFile>;
};

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "torrent",
    summary: "make, show and verify torrent files",
    load: () => import("./commands/torrent.ts"),
  },
  {
    name: "gate",
    summary: "recognise peer-to-peer traffic, and open the network for exactly what was granted",
    load: () => import("./commands/gate.ts"),
  },
];
