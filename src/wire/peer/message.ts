// Peer messages to bytes and back, driven by the declared formats. Payload blocks take the short way (frame-reader.ts,
// block-frame.ts), which is tested equal to this one.

import { asBuffer } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { fieldBytes, formatOf, nameOfId, type PeerMessage } from "./format.ts";

export const LENGTH_PREFIX_BYTES = 4;

export type MessageFault = "message-empty" | "message-too-short" | "message-too-long";

/** An unknown id is no fault: BEP 3 peers skip what they do not know. */
export type Decoded = PeerMessage | { readonly type: "unknown"; readonly id: number };

/** Decodes the body of a frame (id and fields, without the length prefix). Byte fields are views into `body`. */
export function decodeMessage(body: Uint8Array): Result<Decoded, MessageFault> {
  const id = body[0];
  if (id === undefined) return err("message-empty");
  const type = nameOfId(id);
  if (type === undefined) return ok({ type: "unknown", id });
  const bytes = asBuffer(body);
  const values: Record<string, number | string | Uint8Array> = { type };
  let at = 1;
  let open = false;
  for (const { name, kind } of formatOf(type).fields) {
    const size = kind === "rest" ? bytes.length - at : fieldBytes(kind);
    if (at + size > bytes.length) return err("message-too-short");
    if (kind === "rest" || kind === "hash32") values[name] = body.subarray(at, at + size);
    else values[name] = bytes.readUIntBE(at, size);
    if (kind === "rest") open = true;
    at += size;
  }
  if (!open && at < bytes.length) return err("message-too-long");
  // The loop above filled exactly the declared fields of `type`.
  return ok(values as unknown as PeerMessage);
}

/** The whole frame, length prefix included. */
export function encodeMessage(message: PeerMessage): Uint8Array {
  const format = formatOf(message.type);
  const values = message as unknown as Readonly<Record<string, number | Uint8Array>>;
  let size = 1;
  for (const { name, kind } of format.fields) {
    const value = values[name];
    size += kind === "rest" && value instanceof Uint8Array ? value.length : fieldBytes(kind);
  }
  const frame = Buffer.allocUnsafe(LENGTH_PREFIX_BYTES + size);
  frame.writeUInt32BE(size, 0);
  frame[LENGTH_PREFIX_BYTES] = format.id;
  let at = LENGTH_PREFIX_BYTES + 1;
  for (const { name, kind } of format.fields) {
    const value = values[name];
    if (value instanceof Uint8Array) {
      frame.set(value, at);
      at += value.length;
    } else {
      at = frame.writeUIntBE(value ?? 0, at, fieldBytes(kind));
    }
  }
  return frame;
}

export const KEEP_ALIVE: Uint8Array = new Uint8Array(LENGTH_PREFIX_BYTES);
