// Where a web seed keeps a file of a torrent (BEP 19).

import type { Metainfo } from "../../domain/metainfo/metainfo.ts";

/** A folder's files lie under the seed's URL by the torrent's name; a bare file is the URL itself, or in it if it ends in "/". */
export function fileUrl(seed: string, torrent: Pick<Metainfo, "name" | "bareFile" | "files">, file: number): string {
  const path = torrent.files[file]?.path ?? [];
  if (torrent.bareFile && !seed.endsWith("/")) return seed;
  const segments = torrent.bareFile ? path : [torrent.name, ...path];
  return `${seed.replace(/\/$/, "")}/${segments.map(percentEncoded).join("/")}`;
}

/** `encodeURIComponent` leaves !'()* alone, which some servers do not. */
function percentEncoded(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
