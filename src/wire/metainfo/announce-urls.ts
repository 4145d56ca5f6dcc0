// The URLs in a torrent or magnet: those of a kind that we speak, a bounded number of them, in their order. The rest is
// dropped, not refused: a stray line among the trackers says nothing about the content.

import { type BencodeValue, isList, utf8 } from "../bencode/value.ts";

/** H24: five thousand trackers are capped. */
export const URLS_MAX = 100;
const URL_CHARACTERS_MAX = 2_000;

export type UrlKind = "tracker" | "webSeed";

const SCHEMES: Readonly<Record<UrlKind, readonly string[]>> = {
  tracker: ["http:", "https:", "udp:"],
  webSeed: ["http:", "https:"],
};

/** The URL without the white space around it; undefined for one that is never asked (H86: file:, gopher:, CRLF). */
export function usableUrl(text: string, kind: UrlKind): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > URL_CHARACTERS_MAX || /\p{Cc}/u.test(trimmed)) return undefined;
  const url = URL.parse(trimmed);
  if (!url || url.hostname === "" || !SCHEMES[kind].includes(url.protocol)) return undefined;
  return trimmed;
}

/** BEP 12: `announce-list` replaces `announce`. */
export function readTrackers(announce: BencodeValue | undefined, list: BencodeValue | undefined): string[][] {
  const collector = new UrlCollector("tracker");
  const tiers = isList(list) ? list.map((tier) => collector.take(tier)).filter((tier) => tier.length > 0) : [];
  if (tiers.length > 0) return tiers;
  const only = collector.take(announce);
  return only.length > 0 ? [only] : [];
}

/** BEP 19: `url-list` is a URL or a list of them. */
export function readWebSeeds(list: BencodeValue | undefined): string[] {
  return new UrlCollector("webSeed").take(list);
}

/** The same rules for URLs that are text already, as in a magnet. */
export function usableUrls(texts: readonly string[], kind: UrlKind): string[] {
  const collector = new UrlCollector(kind);
  return texts.flatMap((text) => collector.text(text));
}

class UrlCollector {
  readonly #kind: UrlKind;
  readonly #seen = new Set<string>();

  constructor(kind: UrlKind) {
    this.#kind = kind;
  }

  take(value: BencodeValue | undefined): string[] {
    if (isList(value)) return value.flatMap((item) => (item instanceof Uint8Array ? this.take(item) : []));
    const text = value instanceof Uint8Array ? utf8(value) : undefined;
    return text === undefined ? [] : this.text(text);
  }

  text(text: string): string[] {
    const url = usableUrl(text, this.#kind);
    if (url === undefined || this.#seen.has(url) || this.#seen.size >= URLS_MAX) return [];
    this.#seen.add(url);
    return [url];
  }
}
