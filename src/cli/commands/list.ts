// `swarmgate list`: what waits for a decision, and every transfer of this computer with its path and the reason for its state.

import type { Command } from "commander";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import { act, type NodeCommandOptions } from "../node/act.ts";
import { listText } from "../node/transfer-line.ts";

export function command(command: Command): void {
  command
    .option("--data <dir>", "folder of the node's data")
    .action((options: NodeCommandOptions) => act(options, (node) => node.call(LOCAL_ROUTES.transfers), listText));
}
