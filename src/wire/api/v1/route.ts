// What a row of the route table says.

import type { TSchema } from "typebox";

export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly summary: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** What stands in a 200. Undefined: bytes or a stream. */
  readonly reply?: TSchema;
};
