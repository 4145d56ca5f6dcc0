// RFC 9457 problem details: what every refusal looks like.

import { type Static, Type } from "typebox";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export const Problem = Type.Object(
  {
    type: Type.String({ description: "Where the code is explained" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What happened and why" }),
    code: Type.String({ description: "Stable: plane.noun_condition" }),
    next: Type.String({ description: "What can be done now" }),
    data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;
