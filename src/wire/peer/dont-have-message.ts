// The one message of BEP 54: a piece that its sender had told of is gone.

import { asBuffer } from "../../base/bytes.ts";

export const DONT_HAVE_NAME = "lt_donthave";
const DONT_HAVE_BYTES = 4;

export function encodeDontHave(piece: number): Uint8Array {
  const payload = Buffer.alloc(DONT_HAVE_BYTES);
  payload.writeUInt32BE(piece);
  return payload;
}

/** The piece; undefined for anything malformed. */
export function decodeDontHave(payload: Uint8Array): number | undefined {
  return payload.length === DONT_HAVE_BYTES ? asBuffer(payload).readUInt32BE() : undefined;
}
