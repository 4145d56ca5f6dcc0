// What a node is started with: its options, and the parts of the machine that it uses.

import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";
import type { Endpoint } from "../domain/address/endpoint.ts";
import type { Engine } from "../engine/contract.ts";
import type { Clock } from "../world/clock.ts";
import type { Entropy } from "../world/entropy.ts";
import type { Net } from "../world/net.ts";
import type { Random } from "../world/random.ts";
import type { NodeCore } from "./core.ts";
import type { ClamdAddress } from "./scan/clamd.ts";

export type NodeOptions = {
  /** The node's own folder: DATA/node. */
  readonly folder: string;
  /** Where released files go; default `library` in the folder. */
  readonly libraryPath: string | undefined;
  /** Where peers are accepted. */
  readonly listen: readonly Endpoint[];
  /** `required`: without its clear answer nothing is released. */
  readonly clamd: { readonly address: ClamdAddress; readonly required: boolean } | undefined;
  readonly deviceName: string;
  /** Something from outside was refused; the person who runs the node should see it. */
  readonly onWarning: (failed: Failure) => void;
};

export type NodeWorld = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly random: Random;
  readonly tempFolder: string;
  /** Undefined when another process holds it. */
  readonly lockFolder: (path: string) => Disposable | undefined;
  readonly net: Net;
  /** Its sockets come from `net`, which is the one above with the portal's door in front of it. */
  readonly createEngine: (listen: readonly Endpoint[], net: Net) => Promise<Result<Engine, Failure>>;
  readonly discovery: NodeCore["discovery"];
  readonly extensions: NodeCore["extensions"];
};
