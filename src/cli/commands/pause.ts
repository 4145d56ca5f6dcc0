// `swarmgate pause`: one call to the node.

import type { Command } from "commander";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import { act, type NodeCommandOptions } from "../node/act.ts";

export function command(command: Command): void {
  command
    .description("Pause a transfer; its connections are dropped.")
    .argument("<id>", "the id of the transfer, its request or its content, or the beginning of one")
    .option("--data <dir>", "folder of the node's data")
    .action((id: string, options: NodeCommandOptions) =>
      act(
        options,
        (node) => node.call(LOCAL_ROUTES.pause, { id }),
        (done) => done.says,
      ),
    );
}
