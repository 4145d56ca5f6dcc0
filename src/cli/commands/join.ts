// `swarmgate join`: enrols this computer at an institution's portal, through the running node or, without one, directly.

import { hostname } from "node:os";
import type { Command } from "commander";
import { failure } from "../../base/failure.ts";
import { startNode } from "../../node/start.ts";
import { LOCAL_ROUTES } from "../../wire/local/routes.ts";
import { inert } from "../inert-text.ts";
import { nodeOptions, nodeWorld } from "../node/adapters.ts";
import { NodeClient } from "../node/client.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";

type Options = OutputOptions & { readonly data?: string; readonly token?: string; readonly name: string };

export function command(command: Command): void {
  command
    .description("Enrol this computer. The token comes from “My devices” in the portal and works once.")
    .argument("<url>", "the portal's address, or the whole link that it shows")
    .option("--token <token>", "the one-time token")
    .option("--name <name>", "what the computer is called in the portal", hostname())
    .option("--data <dir>", "folder of the node's data")
    .action(async (url: string, options: Options) => {
      process.exitCode = await join(url, options);
    });
}

async function join(link: string, options: Options): Promise<number> {
  const url = URL.parse(link);
  // The portal's link has the token in its fragment, which browsers never send anywhere.
  const token = options.token ?? url?.hash.slice(1);
  if (!url || !token) {
    const detail = url ? "--token is missing" : `${link} is no address of a portal`;
    return printFailure(failure("cli.usage_wrong", { detail }), options);
  }
  const body = { url: url.origin, token, name: options.name };
  const running = await new NodeClient(options.data).call(LOCAL_ROUTES.join, { body });
  const joined = running.ok || running.error.code !== "node.not_running" ? running : await joinAlone(body, options);
  if (!joined.ok) return printFailure(joined.error, options);
  const { personName, institution, deviceId } = joined.value;
  const text = `This computer is now ${deviceId} of ${inert(personName)} at ${inert(institution)}. Start it with \`swarmgate node\`.`;
  printResult(joined.value, text, options);
  return 0;
}

async function joinAlone(call: { url: string; token: string; name: string }, options: Options) {
  const node = await startNode(
    { ...nodeOptions({ ...options, listen: [] }), deviceName: call.name },
    nodeWorld("institution"),
  );
  if (!node.ok) return node;
  const joined = await node.value.join(call);
  await node.value.close();
  if (!joined.ok) return joined;
  const { deviceId, personName, institution, portalUrl } = joined.value;
  return { ok: true as const, value: { deviceId, personName, institution, portalUrl } };
}
