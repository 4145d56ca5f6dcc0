// The BitTorrent DHT (BEP 5): one bencoded dictionary a datagram, whose `y` says query, response or error, with the
// arguments that the kind must have.

import { decode } from "../../wire/bencode/decode.ts";
import { type BencodeDict, type BencodeValue, isList } from "../../wire/bencode/value.ts";
import type { Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { byteAt, chunkMatches, pattern } from "./text.ts";

const NODE_ID_BYTES = 20;
const PACKETS_MAX = 8;
const LIMITS = { bytesMax: 4096, depthMax: 8, tokensMax: 600 } as const;
const SHORTEST_BYTES = 20;
const DICT = 0x64;
const END = 0x65;
const KEY_LENGTH_FIRST = 0x31;
const KEY_LENGTH_LAST = 0x39;

const QUERY = pattern("d1:ad2:id20:");
const ANSWER = pattern("d1:rd2:id20:");

function judge(talk: Talk): Judgement {
  const count = talk.chunkBytes;
  if (count >= SHORTEST_BYTES && byteAt(talk, 0) === DICT && byteAt(talk, count - 1) === END) {
    const lengthDigit = byteAt(talk, 1);
    if (lengthDigit >= KEY_LENGTH_FIRST && lengthDigit <= KEY_LENGTH_LAST) {
      const found = judgeMessage(talk.bytes.subarray(talk.begin, talk.end));
      if (found !== undefined) return found;
    }
  }
  if (talk.broken(talk.side)) {
    // Of a datagram that the capture cut short, only the beginning can be held against the form.
    if (chunkMatches(talk, QUERY)) return "bt.dht_query";
    if (chunkMatches(talk, ANSWER)) return "bt.dht_answer";
  }
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

/** What one datagram is; undefined when it is no DHT message. */
function judgeMessage(datagram: Uint8Array): "bt.dht_query" | "bt.dht_answer" | "bt.dht_error" | undefined {
  const decoded = decode(datagram, { limits: LIMITS, keyOrder: "any" });
  if (!decoded.ok) return undefined;
  const message = asDict(decoded.value);
  if (message === undefined || message.bytes("t") === undefined) return undefined;
  const kind = message.text("y");
  if (kind === "q" && message.bytes("q") !== undefined && hasId(message.dict("a"))) return "bt.dht_query";
  if (kind === "r" && hasId(message.dict("r"))) return "bt.dht_answer";
  return kind === "e" && isError(message.list("e")) ? "bt.dht_error" : undefined;
}

function asDict(value: BencodeValue): BencodeDict | undefined {
  const isPlain = typeof value === "number" || typeof value === "bigint" || value instanceof Uint8Array;
  return isPlain || isList(value) ? undefined : value;
}

function hasId(dict: BencodeDict | undefined): boolean {
  return dict?.bytes("id")?.length === NODE_ID_BYTES;
}

function isError(list: readonly BencodeValue[] | undefined): boolean {
  return list?.length === 2 && typeof list[0] === "number" && list[1] instanceof Uint8Array;
}

export const bittorrentDht: Recogniser = { name: "bittorrent dht", judge };
