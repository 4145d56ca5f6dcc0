// `swarmgate gate`: recognises peer-to-peer traffic in captures and on the wire, and refuses what no grant covers.

import type { Command } from "commander";
import { classifyCommand } from "../gate/classify.ts";
import { rulesCommand } from "../gate/rules.ts";
import { confirmCommand, runCommand } from "../gate/run.ts";

export function command(command: Command): void {
  classifyCommand(command.command("classify").argument("<file>", "a pcap or pcapng capture, or - for standard input"));
  runCommand(command.command("run"));
  confirmCommand(command.command("confirm"));
  rulesCommand(command.command("rules"));
}
