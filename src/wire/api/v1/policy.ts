// The acceptable-use policy that is read before asking.

import { type Static, Type } from "typebox";
import { exact } from "./field.ts";

export const PolicyText = Type.Object(
  {
    institution: Type.String(),
    version: Type.String(),
    text: Type.String(),
    rules: Type.Array(Type.Object({ id: Type.String(), says: Type.String() }, exact)),
  },
  exact,
);
export type PolicyText = Static<typeof PolicyText>;
