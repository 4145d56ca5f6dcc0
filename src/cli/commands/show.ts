// `swarmgate show`: one transfer with its files, verdicts and peers.

import type { Command } from "commander";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import { act, type NodeCommandOptions } from "../node/act.ts";
import { transferText } from "../node/transfer-line.ts";

export function command(command: Command): void {
  command
    .argument("<id>", "the id of the transfer, its request or its content, or the beginning of one")
    .option("--data <dir>", "folder of the node's data")
    .action((id: string, options: NodeCommandOptions) =>
      act(options, (node) => node.call(LOCAL_ROUTES.transfer, { id }), transferText),
    );
}
