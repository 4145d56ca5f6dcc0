// Runs one call against the node and prints its outcome, the way all short commands do.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import { type OutputOptions, printFailure, printResult } from "../output.ts";
import { NodeClient } from "./client.ts";

export type NodeCommandOptions = OutputOptions & { readonly data?: string | undefined };

export async function act<T>(
  options: NodeCommandOptions,
  call: (node: NodeClient) => Promise<Result<T, Failure>>,
  text: (value: T) => string,
): Promise<void> {
  const result = await call(new NodeClient(options.data));
  if (result.ok) printResult(result.value, text(result.value), options);
  else process.exitCode = printFailure(result.error, options);
}
