// Messages that carry the info dictionary in pieces of 16 KiB (BEP 9).

import { err, ok, type Result } from "../../base/result.ts";
import { type BencodeLimits, decodePrefix } from "../bencode/decode.ts";
import { encode } from "../bencode/encode.ts";
import { BencodeDict } from "../bencode/value.ts";

export const METADATA_PIECE_BYTES = 16 * 1024;
/** What a torrent file may be at most; a peer that announces more is not asked (H51). */
export const METADATA_BYTES_MAX = 10_000_000;

export type MetadataMessage =
  | { readonly type: "request"; readonly piece: number }
  | { readonly type: "data"; readonly piece: number; readonly totalBytes: number; readonly data: Uint8Array }
  | { readonly type: "reject"; readonly piece: number };

export type MetadataFault = "metadata-malformed";

const TYPE_IDS = { request: 0, data: 1, reject: 2 } as const;
const LIMITS: BencodeLimits = { bytesMax: METADATA_PIECE_BYTES + 1024, depthMax: 3, tokensMax: 50 };

export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const head = encode({
    msg_type: TYPE_IDS[message.type],
    piece: message.piece,
    total_size: message.type === "data" ? message.totalBytes : undefined,
  });
  return message.type === "data" ? new Uint8Array(Buffer.concat([head, message.data])) : head;
}

/** An unknown type is undefined: BEP 9 says to ignore it. `data` is a view into `payload`. */
export function decodeMetadataMessage(payload: Uint8Array): Result<MetadataMessage | undefined, MetadataFault> {
  const decoded = decodePrefix(payload, { limits: LIMITS, keyOrder: "any" });
  if (!decoded.ok || !(decoded.value.value instanceof BencodeDict)) return err("metadata-malformed");
  const dict = decoded.value.value;
  const piece = dict.integer("piece");
  if (piece === undefined || piece < 0 || piece > METADATA_BYTES_MAX / METADATA_PIECE_BYTES) {
    return err("metadata-malformed");
  }
  switch (dict.integer("msg_type")) {
    case TYPE_IDS.request:
      return ok({ type: "request", piece });
    case TYPE_IDS.reject:
      return ok({ type: "reject", piece });
    case TYPE_IDS.data: {
      const totalBytes = dict.integer("total_size");
      if (totalBytes === undefined || totalBytes < 1) return err("metadata-malformed");
      return ok({ type: "data", piece, totalBytes, data: payload.subarray(decoded.value.endBytes) });
    }
    default:
      return ok(undefined);
  }
}
