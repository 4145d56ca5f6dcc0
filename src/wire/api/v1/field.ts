// Fields that many bodies share, with their limits.

import { Type } from "typebox";
import { APPLICATIONS, DIRECTIONS, GRANT_STATES, SWARMS, ZONES } from "../../../domain/grant.ts";
import { PATH_STEPS } from "../../../domain/path.ts";
import { ROLES } from "../../../domain/person.ts";
import { REASON_LENGTH_MAX, REQUEST_ACTIONS, REQUEST_STATES } from "../../../domain/request.ts";
import { TRANSFER_COMMANDS, TRANSFER_STATES } from "../../../domain/transfer.ts";

/** Unknown members are dropped from what comes in and never stand in what goes out. */
export const exact = { additionalProperties: false } as const;

export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" });
export const AtMs = Type.Integer({ minimum: 0, description: "Milliseconds since the Unix epoch, UTC" });
export const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Text = (maxLength: number) => Type.String({ maxLength });
export const Reason = Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX, pattern: "\\S" });
export const OptionalReason = Type.String({ maxLength: REASON_LENGTH_MAX });
export const HashV1 = Type.String({ pattern: "^[0-9a-f]{40}$" });
export const HashV2 = Type.String({ pattern: "^[0-9a-f]{64}$" });
export const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

// `Type.Enum` gives {enum: [...]} and keeps the literals.
export const Direction = Type.Enum([...DIRECTIONS]);
export const Application = Type.Enum([...APPLICATIONS]);
export const Swarm = Type.Enum([...SWARMS]);
export const Zone = Type.Enum([...ZONES]);
export const Role = Type.Enum([...ROLES]);
export const RequestState = Type.Enum([...REQUEST_STATES]);
export const RequestAction = Type.Enum([...REQUEST_ACTIONS]);
export const GrantState = Type.Enum([...GRANT_STATES]);
export const TransferState = Type.Enum([...TRANSFER_STATES]);
export const TransferCommand = Type.Enum([...TRANSFER_COMMANDS]);
export const VerdictResult = Type.Enum(["clean", "infected", "suspicious", "unscanned"]);

export const ByIdParams = Type.Object({ id: Id }, exact);
export const Cursor = Type.String({ maxLength: 200, pattern: "^[A-Za-z0-9_-]*$" });
export const Limit = Type.Integer({ minimum: 1, maximum: 200, default: 50 });
export const NextCursor = Type.Union([Type.String(), Type.Null()], {
  description: "Pass as `cursor` for the next page; null on the last",
});
export const Empty = Type.Object({}, exact);

export const Named = Type.Object({ id: Id, name: Type.String() }, exact);

export const Path = Type.Array(
  Type.Object(
    {
      step: Type.Enum([...PATH_STEPS]),
      state: Type.Enum(["done", "current", "waiting", "refused"]),
      atMs: Type.Optional(AtMs),
      who: Type.Optional(Type.String()),
      why: Type.Optional(Type.String()),
    },
    exact,
  ),
  { minItems: 6, maxItems: 6 },
);

export const Content = Type.Object(
  {
    infoHashV1: Type.Optional(HashV1),
    infoHashV2: Type.Optional(HashV2),
    name: Type.String({ minLength: 1, maxLength: 512 }),
    totalBytes: Type.Optional(Bytes),
  },
  exact,
);
