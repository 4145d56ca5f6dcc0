// Wrong usage of the engine's commands, told as the command line tells all of it.

import { FailureError, failure } from "../../base/failure.ts";

export function usage(detail: string): never {
  throw new FailureError(failure("cli.usage_wrong", { detail }));
}
