// The options that name a device and its grants, for the commands that ask what this computer may do.

import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { GrantClaims } from "../../domain/grant.ts";
import { ownGrants } from "../../gate/endpoint/own-grants.ts";
import { readRootKey } from "../../gate/enforce/grant-book.ts";
import { FileGrants } from "../../gate/enforce/grant-file.ts";
import { realClock } from "../../world/real/clock.ts";
import { readNodeGrants } from "./node-grants.ts";

export type GrantOptions = {
  readonly grants?: string;
  readonly rootKey?: string;
  readonly device?: string;
  readonly data?: string;
};

export function withGrantOptions(command: Command): Command {
  return command
    .option("--data <dir>", "folder of the node's data, whose grants are this computer's")
    .option("--grants <file>", "signed grants and revocations, as JSON, instead of the node's")
    .option("--root-key <file>", "the institution's public root key, as JWK")
    .option("--device <id>", "this device's id at the portal");
}

/** The node's, or those of a file; none where there is neither: nothing is allowed unless somebody says so. */
export async function readOwnGrants(options: GrantOptions): Promise<Result<GrantClaims[], Failure>> {
  const nowMs = realClock.wallMs();
  if (options.grants === undefined) return await readNodeGrants(options.data, nowMs);
  if (options.rootKey === undefined || options.device === undefined) {
    return err(failure("cli.usage_wrong", { detail: "--grants needs --root-key and --device" }));
  }
  const root = await readRootKey(options.rootKey);
  if (!root.ok) return root;
  const held = await new FileGrants(options.grants, root.value).read(nowMs);
  return held.ok ? ok(ownGrants(held.value, options.device, nowMs)) : held;
}
