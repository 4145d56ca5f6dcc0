// `swarmgate gate`: recognises peer-to-peer traffic in captures.

import type { Command } from "commander";
import { classifyCommand } from "../gate/classify.ts";

export function command(command: Command): void {
  classifyCommand(command.command("classify").argument("<file>", "a pcap or pcapng capture, or - for standard input"));
}
