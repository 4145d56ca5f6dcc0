// The extended handshake (BEP 10): which extensions a peer speaks, and what it says about itself.

import { err, ok, type Result } from "../../base/result.ts";
import { type BencodeLimits, decode } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";
import { BencodeDict } from "../bencode/value.ts";
import { addressBytes, addressText } from "../compact/address.ts";
import { printableName } from "./client-name.ts";

/** The extended id of the handshake itself. */
export const EXTENDED_HANDSHAKE_ID = 0;

export type ExtendedHandshake = {
  /** Extension name → the id under which its sender wants to receive it; 0 switches it off. */
  readonly ids: ReadonlyMap<string, number>;
  readonly client: string | undefined;
  /** Where the sender accepts connections. */
  readonly port: number | undefined;
  /** How many requests it queues. */
  readonly requestsMax: number | undefined;
  /** Size of the info dictionary (BEP 9). */
  readonly metadataBytes: number | undefined;
  /** BEP 21. A later handshake that does not say it changes nothing. */
  readonly uploadOnly: boolean | undefined;
  /** The receiver's address, as the sender sees it (`yourip`). */
  readonly yourAddress: string | undefined;
};

export type ExtendedFault = "extended-handshake-malformed";

// A handshake is a handful of small values: what nests deeper is an attack (H50).
const LIMITS: BencodeLimits = { bytesMax: 64 * 1024, depthMax: 4, tokensMax: 2000 };
const EXTENSIONS_MAX = 64;
const EXTENDED_ID_MAX = 255;
const PORT_MAX = 65_535;
const REQUESTS_LIMIT = 1_000_000;

export function encodeExtendedHandshake(handshake: ExtendedHandshake): Uint8Array {
  const { yourAddress } = handshake;
  const yourIp = yourAddress === undefined ? undefined : addressBytes(yourAddress);
  return encode({
    m: new Map(handshake.ids),
    v: handshake.client,
    p: handshake.port,
    reqq: handshake.requestsMax,
    metadata_size: handshake.metadataBytes,
    upload_only: handshake.uploadOnly === undefined ? undefined : Number(handshake.uploadOnly),
    yourip: yourIp === undefined ? undefined : Uint8Array.from(yourIp),
  });
}

/** Values of the wrong kind are taken as absent: clients differ, and none of these decides anything unsafe. */
export function decodeExtendedHandshake(payload: Uint8Array): Result<ExtendedHandshake, ExtendedFault> {
  const decoded = decode(payload, { limits: LIMITS, keyOrder: "any" });
  if (!decoded.ok || !(decoded.value instanceof BencodeDict)) return err("extended-handshake-malformed");
  const dict = decoded.value;
  const ids = new Map<string, number>();
  for (const [name, id] of dict.dict("m")?.entries() ?? []) {
    if (typeof id === "number" && id >= 0 && id <= EXTENDED_ID_MAX && ids.size < EXTENSIONS_MAX) ids.set(name, id);
  }
  const client = dict.text("v");
  return ok({
    ids,
    client: client === undefined ? undefined : printableName(client),
    port: within(dict.integer("p"), 1, PORT_MAX),
    requestsMax: within(dict.integer("reqq"), 1, REQUESTS_LIMIT),
    metadataBytes: dict.integer("metadata_size"),
    uploadOnly: uploadOnlyOf(dict.integer("upload_only")),
    yourAddress: addressOf(dict.bytes("yourip")),
  });
}

/** BEP 10: a later handshake adds to what was said before; an id of 0 takes an extension back. */
export function addHandshake(before: ExtendedHandshake | undefined, now: ExtendedHandshake): ExtendedHandshake {
  if (before === undefined) return now;
  return {
    ids: new Map([...before.ids, ...now.ids].slice(0, EXTENSIONS_MAX)),
    client: now.client ?? before.client,
    port: now.port ?? before.port,
    requestsMax: now.requestsMax ?? before.requestsMax,
    metadataBytes: now.metadataBytes ?? before.metadataBytes,
    uploadOnly: now.uploadOnly ?? before.uploadOnly,
    yourAddress: now.yourAddress ?? before.yourAddress,
  };
}

function addressOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes?.length === 4 || bytes?.length === 16 ? addressText(bytes) : undefined;
}

function uploadOnlyOf(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 1;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
