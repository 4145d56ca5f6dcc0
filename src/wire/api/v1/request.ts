// Requests: asking, looking, deciding.

import { type Static, Type } from "typebox";
import { DURATION_SECONDS_MAX, DURATION_SECONDS_MIN } from "../../../domain/request.ts";
import {
  Application,
  AtMs,
  Content,
  Cursor,
  Direction,
  exact,
  GrantState,
  Id,
  Limit,
  Named,
  NextCursor,
  OptionalReason,
  Path,
  Reason,
  RequestAction,
  RequestState,
  Swarm,
  Text,
  TransferState,
  VerdictResult,
  Zone,
} from "./field.ts";
import { TorrentSummary } from "./torrent.ts";

const DurationSeconds = Type.Integer({ minimum: DURATION_SECONDS_MIN, maximum: DURATION_SECONDS_MAX });
const Version = Type.Integer({ minimum: 1 });

/** Exactly one of `torrentId` and `described` says what is asked for. */
export const RequestDraft = Type.Object(
  {
    direction: Direction,
    application: Application,
    torrentId: Type.Optional(Id),
    described: Type.Optional(Content),
    swarm: Type.Optional(Swarm),
    reason: Type.Optional(OptionalReason),
    deviceId: Type.Optional(Id),
    durationSeconds: Type.Optional(DurationSeconds),
    policyVersion: Type.Optional(Text(64)),
  },
  exact,
);
export type RequestDraft = Static<typeof RequestDraft>;

export const NewRequest = Type.Object(
  {
    direction: Direction,
    application: Application,
    torrentId: Type.Optional(Id),
    described: Type.Optional(Content),
    swarm: Type.Optional(Swarm),
    reason: Reason,
    deviceId: Id,
    durationSeconds: DurationSeconds,
    policyVersion: Type.String({ minLength: 1, maxLength: 64 }),
  },
  exact,
);
export type NewRequest = Static<typeof NewRequest>;

export const RequestSummary = Type.Object(
  {
    id: Id,
    state: RequestState,
    version: Version,
    direction: Direction,
    application: Application,
    swarm: Swarm,
    content: Content,
    torrentId: Type.Union([Id, Type.Null()]),
    person: Named,
    device: Named,
    reason: Type.String(),
    durationSeconds: Type.Integer(),
    askedAtMs: AtMs,
    decidedAtMs: Type.Union([AtMs, Type.Null()]),
    /** Set while a reviewer waits for an answer. */
    question: Type.Union([Type.String(), Type.Null()]),
    grantId: Type.Union([Id, Type.Null()]),
    transferState: Type.Union([TransferState, Type.Null()]),
    path: Path,
  },
  exact,
);
export type RequestSummary = Static<typeof RequestSummary>;

export const RequestPage = Type.Object(
  { requests: Type.Array(RequestSummary), nextCursor: NextCursor, total: Type.Integer() },
  exact,
);
export type RequestPage = Static<typeof RequestPage>;

export const RequestQuery = Type.Object(
  {
    scope: Type.Enum(["mine", "decide", "all"], { default: "mine" }),
    state: Type.Optional(RequestState),
    q: Type.Optional(Text(100)),
    sort: Type.Optional(Type.Enum(["newest", "oldest"])),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Limit),
  },
  exact,
);
export type RequestQuery = Static<typeof RequestQuery>;

export const Preview = Type.Object(
  {
    outcome: Type.Enum(["released-already", "granted-already", "needs-review", "refused"]),
    why: Type.String(),
    rule: Type.String(),
    /** How many people must approve; 0 when nobody needs to. */
    approvals: Type.Integer(),
    similar: Type.Array(
      Type.Object(
        {
          requestId: Id,
          name: Type.String(),
          state: RequestState,
          grantState: Type.Union([GrantState, Type.Null()]),
          transferState: Type.Union([TransferState, Type.Null()]),
          mine: Type.Boolean(),
          askedAtMs: AtMs,
        },
        exact,
      ),
    ),
  },
  exact,
);
export type Preview = Static<typeof Preview>;

export const RequestDetail = Type.Object(
  {
    ...RequestSummary.properties,
    policyVersion: Type.String(),
    approvalsNeeded: Type.Integer(),
    approvalsGiven: Type.Integer(),
    /** What policy said and by which rule, when it was filed. */
    policyRule: Type.String(),
    policyWhy: Type.String(),
    /** What the reader may do now: approve, deny, ask, withdraw, edit. */
    actions: Type.Array(Type.Enum(["approve", "deny", "ask", "withdraw", "edit"])),
    torrent: Type.Union([TorrentSummary, Type.Null()]),
    history: Type.Array(
      Type.Object(
        {
          atMs: AtMs,
          who: Type.String(),
          action: RequestAction,
          reason: Type.String(),
          version: Version,
          /** An approval that no longer counts: the request was edited or the approver lost the role. */
          void: Type.Boolean(),
        },
        exact,
      ),
    ),
    grant: Type.Union([
      Type.Object({ id: Id, state: GrantState, expiresAtMs: AtMs, endedWhy: Type.String() }, exact),
      Type.Null(),
    ]),
    verdicts: Type.Array(
      Type.Object({ fileName: Type.String(), verdict: VerdictResult, why: Type.String(), atMs: AtMs }, exact),
    ),
  },
  exact,
);
export type RequestDetail = Static<typeof RequestDetail>;

/** `version` is what the person saw; a decision about an older version is refused. */
export const Approval = Type.Object(
  {
    version: Version,
    reason: Type.Optional(OptionalReason),
    narrow: Type.Optional(
      Type.Object(
        {
          durationSeconds: Type.Optional(DurationSeconds),
          maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
          zones: Type.Optional(Type.Array(Zone, { maxItems: 3, uniqueItems: true })),
        },
        exact,
      ),
    ),
  },
  exact,
);
export type Approval = Static<typeof Approval>;

/** For deny and ask: a reason is owed. */
export const ReasonedDecision = Type.Object({ version: Version, reason: Reason }, exact);
export type ReasonedDecision = Static<typeof ReasonedDecision>;

export const Withdrawal = Type.Object(
  { version: Type.Optional(Version), reason: Type.Optional(OptionalReason) },
  exact,
);
export type Withdrawal = Static<typeof Withdrawal>;

export const RequestEdit = Type.Object(
  { version: Version, reason: Type.Optional(Reason), durationSeconds: Type.Optional(DurationSeconds) },
  exact,
);
export type RequestEdit = Static<typeof RequestEdit>;
