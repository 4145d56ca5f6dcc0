// Checks what comes in with the schemas themselves: unknown members are dropped, nothing is guessed in bodies.

import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { FailureError, failure } from "../../base/failure.ts";

/** HOSTILE 169: a member that the schema does not know never reaches a use case. */
export const validateCall: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  // Query and path are text; "50" is a number there, and only there.
  const isText = httpPart !== "body";
  return (data: unknown) => {
    const cleaned = Value.Default(schema, Value.Clean(schema, isText ? Value.Convert(schema, data) : data));
    if (compiled.Check(cleaned)) return { value: cleaned };
    const [first] = compiled.Errors(cleaned);
    const where = first?.instancePath.slice(1).replaceAll("/", ".") || (httpPart ?? "call");
    return {
      error: new FailureError(failure("portal.body_wrong", { detail: `${where} ${first?.message ?? "is wrong"}` })),
    };
  };
};
