// The messages of the peer wire as declarations: one table yields their types, sizes, encoder and decoder.

/** Fixed-size kinds, and `rest`: everything up to the end of the frame (last field only). */
export type FieldKind = "u8" | "u16" | "u32" | "hash32" | "rest";

type ValueOf<Kind extends FieldKind> = Kind extends "hash32" | "rest" ? Uint8Array : number;

export type Field = { readonly name: string; readonly kind: FieldKind };

export type MessageFormat = {
  readonly id: number;
  /** What both sides must have agreed on before this message may be sent. */
  readonly needs: "nothing" | "fast" | "extended" | "v2";
  /** Where the message is defined. */
  readonly bep: number;
  readonly fields: readonly Field[];
};

const block = [
  { name: "piece", kind: "u32" },
  { name: "beginBytes", kind: "u32" },
  { name: "lengthBytes", kind: "u32" },
] as const;

const hashRange = [
  { name: "piecesRoot", kind: "hash32" },
  { name: "baseLayer", kind: "u32" },
  { name: "index", kind: "u32" },
  { name: "length", kind: "u32" },
  { name: "proofLayers", kind: "u32" },
] as const;

export const FORMATS = {
  choke: { id: 0, needs: "nothing", bep: 3, fields: [] },
  unchoke: { id: 1, needs: "nothing", bep: 3, fields: [] },
  interested: { id: 2, needs: "nothing", bep: 3, fields: [] },
  notInterested: { id: 3, needs: "nothing", bep: 3, fields: [] },
  have: { id: 4, needs: "nothing", bep: 3, fields: [{ name: "piece", kind: "u32" }] },
  bitfield: { id: 5, needs: "nothing", bep: 3, fields: [{ name: "bits", kind: "rest" }] },
  request: { id: 6, needs: "nothing", bep: 3, fields: block },
  piece: {
    id: 7,
    needs: "nothing",
    bep: 3,
    fields: [
      { name: "piece", kind: "u32" },
      { name: "beginBytes", kind: "u32" },
      { name: "data", kind: "rest" },
    ],
  },
  cancel: { id: 8, needs: "nothing", bep: 3, fields: block },
  port: { id: 9, needs: "nothing", bep: 5, fields: [{ name: "port", kind: "u16" }] },
  suggest: { id: 13, needs: "fast", bep: 6, fields: [{ name: "piece", kind: "u32" }] },
  haveAll: { id: 14, needs: "fast", bep: 6, fields: [] },
  haveNone: { id: 15, needs: "fast", bep: 6, fields: [] },
  reject: { id: 16, needs: "fast", bep: 6, fields: block },
  allowedFast: { id: 17, needs: "fast", bep: 6, fields: [{ name: "piece", kind: "u32" }] },
  extended: {
    id: 20,
    needs: "extended",
    bep: 10,
    fields: [
      { name: "extendedId", kind: "u8" },
      { name: "payload", kind: "rest" },
    ],
  },
  hashRequest: { id: 21, needs: "v2", bep: 52, fields: hashRange },
  hashes: { id: 22, needs: "v2", bep: 52, fields: [...hashRange, { name: "hashes", kind: "rest" }] },
  hashReject: { id: 23, needs: "v2", bep: 52, fields: hashRange },
} as const satisfies Readonly<Record<string, MessageFormat>>;

export type MessageName = keyof typeof FORMATS;

type Fields<Name extends MessageName> = (typeof FORMATS)[Name]["fields"][number];

export type MessageOf<Name extends MessageName> = { readonly type: Name } & {
  readonly [F in Fields<Name> as F["name"]]: ValueOf<F["kind"]>;
};

/** Every message but keep-alive, which is an empty frame. */
export type PeerMessage = { [Name in MessageName]: MessageOf<Name> }[MessageName];

const FIXED_BYTES: Readonly<Record<FieldKind, number>> = { u8: 1, u16: 2, u32: 4, hash32: 32, rest: 0 };

export function fieldBytes(kind: FieldKind): number {
  return FIXED_BYTES[kind];
}

export function formatOf(name: MessageName): MessageFormat {
  return FORMATS[name];
}

const NAMES_BY_ID = new Map<number, MessageName>(
  (Object.keys(FORMATS) as MessageName[]).map((name) => [FORMATS[name].id, name]),
);

export function nameOfId(id: number): MessageName | undefined {
  return NAMES_BY_ID.get(id);
}
