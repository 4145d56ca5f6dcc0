// `swarmgate node --config FILE`: the node's options as JSON, for computers that are set up by a program.

import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";

const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 }));

/** Each member means what the option of the same name means. */
const ConfigFile = Type.Object(
  { library: Text, listen: Text, trackers: Text, clamd: Text },
  { additionalProperties: false },
);

/** Failure codes: cli.file_missing, cli.usage_wrong. */
export function readConfigFile(path: string): Result<Static<typeof ConfigFile>, Failure> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    return err(failure("cli.file_missing", { path }, cause));
  }
  const value = parsedJson(text);
  if (Value.Check(ConfigFile, value)) return ok(value);
  const [first] = Value.Errors(ConfigFile, value);
  const trouble =
    first === undefined ? "it has an unknown form" : `${first.instancePath || "the whole"} ${first.message}`;
  return err(failure("cli.usage_wrong", { detail: `the settings in ${path} cannot be used: ${trouble}` }));
}

/** Undefined for what is not JSON: no schema accepts it. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
