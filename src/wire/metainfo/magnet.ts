// Magnet links to `Magnet` and back (BEP 9, BEP 52, BEP 53).

import { toHex } from "../../base/bytes.ts";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type IgnoredField, type Magnet, OPTIONAL_FIELDS } from "../../domain/metainfo/magnet.ts";
import type { InfoHashV1, InfoHashV2 } from "../../domain/metainfo/metainfo.ts";
import { URLS_MAX, type UrlKind, usableUrls } from "./announce-urls.ts";
import { formatFileRanges, readFileRanges } from "./file-ranges.ts";

export type MagnetResult = Result<Magnet, Failure<"metainfo.magnet_invalid">>;

const CHARACTERS_MAX = 64 * 1024;
const NAME_CHARACTERS_MAX = 1_000;

function invalid(detail: string): MagnetResult {
  return err(failure("metainfo.magnet_invalid", { detail }));
}

export function isMagnet(text: string): boolean {
  return /^magnet:/i.test(text.trim());
}

export function parseMagnet(text: string): MagnetResult {
  const link = text.trim();
  if (link.length > CHARACTERS_MAX) return invalid("it is too long");
  if (!/^magnet:\?/i.test(link)) return invalid("it does not begin with magnet:?");
  if (/\p{Cc}/u.test(link)) return invalid("it holds a control character");
  const ignored = new Map<string, IgnoredField>();
  const ignore: Ignore = (field, why) => ignored.set(`${field} ${why}`, { field, why });
  const fields = readFields(link.slice("magnet:?".length), ignore);
  if (!fields) return invalid("its hash (xt=) is not percent-encoded UTF-8");
  const hashes = readHashes(fields.get("xt") ?? []);
  if (!hashes.ok) return hashes;
  const values = (field: IgnoredField["field"]) => fields.get(field) ?? [];
  return ok({
    ...hashes.value,
    displayName: values("dn")[0]?.slice(0, NAME_CHARACTERS_MAX),
    trackers: readUrls(values("tr"), "tracker", () => ignore("tr", "no-url")),
    webSeeds: readUrls(values("ws"), "webSeed", () => ignore("ws", "no-url")),
    peers: readPeers(values("x.pe"), () => ignore("x.pe", "no-peer")),
    selectOnly: readChoice(values("so"), () => ignore("so", "no-file-list")),
    ignored: [...ignored.values()],
  });
}

type Ignore = (field: IgnoredField["field"], why: IgnoredField["why"]) => void;

/** URLs of kinds that we do not speak, such as wss:, are passed over without a word: many links carry them. */
function readUrls(texts: readonly string[], kind: UrlKind, wrong: () => void): string[] {
  if (texts.some((text) => text !== "" && !URL.canParse(text.trim()))) wrong();
  return usableUrls(texts, kind);
}

function readPeers(texts: readonly string[], wrong: () => void): Magnet["peers"] {
  const told = texts.slice(0, URLS_MAX).map(readPeer);
  if (told.includes(undefined)) wrong();
  return told.filter((peer) => peer !== undefined);
}

function readChoice(texts: readonly string[], wrong: () => void): Magnet["selectOnly"] {
  const choice = texts.join(",");
  const ranges = choice === "" ? undefined : readFileRanges(choice);
  if (choice !== "" && ranges === undefined) wrong();
  return ranges;
}

/** Names without their numbers: `tr.1` and `tr` are both `tr`. Undefined when a hash cannot be decoded. */
function readFields(query: string, ignore: Ignore): Map<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  for (const part of query.split("&")) {
    const split = part.indexOf("=");
    if (split < 0) continue;
    const name = part.slice(0, split).toLowerCase();
    const key = name.replace(/\.\d+$/, "");
    const value = percentDecoded(part.slice(split + 1));
    if (value === undefined) {
      if (key === "xt") return undefined;
      const field = OPTIONAL_FIELDS.find((one) => one === key);
      if (field !== undefined) ignore(field, "not-encoded");
      continue;
    }
    const values = fields.get(key);
    if (values) values.push(value);
    else fields.set(key, [value]);
  }
  return fields;
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

type Hashes = Pick<Magnet, "infoHashV1" | "infoHashV2">;

function readHashes(topics: readonly string[]): Result<Hashes, Failure<"metainfo.magnet_invalid">> {
  let infoHashV1: InfoHashV1 | undefined;
  let infoHashV2: InfoHashV2 | undefined;
  for (const topic of topics) {
    const [, kind = "", digits = ""] = /^urn:(btih|btmh):(.*)$/is.exec(topic) ?? [];
    if (kind === "") continue;
    const isV1 = kind.toLowerCase() === "btih";
    const hash = isV1 ? readBtih(digits) : readBtmh(digits);
    const known = isV1 ? infoHashV1 : infoHashV2;
    if (!hash) return err(failure("metainfo.magnet_invalid", { detail: `the hash in ${kind} cannot be read` }));
    if (known && toHex(known) !== toHex(hash)) {
      return err(failure("metainfo.magnet_invalid", { detail: "it names two different torrents" }));
    }
    if (isV1) infoHashV1 = hash as InfoHashV1;
    else infoHashV2 = hash as InfoHashV2;
  }
  if (infoHashV1 || infoHashV2) return ok({ infoHashV1, infoHashV2 });
  return err(failure("metainfo.magnet_invalid", { detail: "it names no info-hash" }));
}

/** 40 hexadecimal digits, or 32 of base32 in older links. */
function readBtih(digits: string): Uint8Array | undefined {
  if (/^[0-9a-f]{40}$/i.test(digits)) return new Uint8Array(Buffer.from(digits, "hex"));
  return /^[a-z2-7]{32}$/i.test(digits) ? fromBase32(digits.toUpperCase()) : undefined;
}

/** A multihash: 12 is SHA-256, 20 its length of 32. */
function readBtmh(digits: string): Uint8Array | undefined {
  return /^1220[0-9a-f]{64}$/i.test(digits) ? new Uint8Array(Buffer.from(digits.slice(4), "hex")) : undefined;
}

function fromBase32(text: string): Uint8Array {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = 0n;
  for (const digit of text) bits = bits * 32n + BigInt(alphabet.indexOf(digit));
  return new Uint8Array(Buffer.from(bits.toString(16).padStart(40, "0"), "hex"));
}

/** `host:port` or `[v6]:port`. */
function readPeer(text: string): Magnet["peers"][number] | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

export function formatMagnet(magnet: Magnet): string {
  const fields: string[] = [];
  if (magnet.infoHashV1) fields.push(`xt=urn:btih:${toHex(magnet.infoHashV1)}`);
  if (magnet.infoHashV2) fields.push(`xt=urn:btmh:1220${toHex(magnet.infoHashV2)}`);
  if (magnet.displayName !== undefined) fields.push(`dn=${encodeURIComponent(magnet.displayName)}`);
  for (const url of magnet.trackers) fields.push(`tr=${encodeURIComponent(url)}`);
  for (const url of magnet.webSeeds) fields.push(`ws=${encodeURIComponent(url)}`);
  for (const { host, port } of magnet.peers) fields.push(`x.pe=${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (magnet.selectOnly) fields.push(`so=${formatFileRanges(magnet.selectOnly)}`);
  return `magnet:?${fields.join("&")}`;
}
