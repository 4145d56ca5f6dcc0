// One torrent in the engine on behalf of a transfer: fetching into quarantine, or serving what was released. Admission
// asks the grant before every single contact; without one, nothing is ever sent.

import { basename, dirname, join } from "node:path";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { GrantClaims } from "../../domain/grant.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { Admission, Torrent, TorrentSource } from "../../engine/contract.ts";
import type { NodeCore } from "../core.ts";
import { LIBRARY_MODE_BITS } from "../quarantine/library.ts";
import { QUARANTINE_MODE_BITS } from "../quarantine/quarantine.ts";
import { hashesOf, opaqueName } from "./content.ts";

/** Default-deny: every dial, every accepted connection and every announce asks whether the grant still allows it. */
function grantAdmission(core: NodeCore, transferId: string, source: TorrentSource): Admission {
  const content = hashesOf(source);
  const allowed = () => core.keeper.coversBy(transferId, content).allow;
  return { mayDial: allowed, mayAccept: allowed, mayAnnounce: allowed };
}

/** `claims`: those of the grant that was just found to allow it. */
export function fetchIntoQuarantine(
  core: NodeCore,
  claims: GrantClaims,
  source: TorrentSource,
): Result<Torrent, Failure> {
  const transferId = claims.jti;
  return core.engine.add({
    source,
    storage: {
      rootDir: core.quarantine.transferFolder(transferId),
      fileName: ({ index }) => opaqueName(transferId, index),
      modeBits: QUARANTINE_MODE_BITS,
    },
    admission: grantAdmission(core, transferId, source),
    peers: source.kind === "magnet" ? source.magnet.peers : [],
    discovery: core.discovery(source, claims),
    extensions: core.extensions(source, claims),
    resumeDir: join(core.resumePath, transferId),
    // What has not been scanned is not handed on: not one byte of it leaves quarantine, by upload or otherwise.
    limits: { up: 0 },
    seedAfter: true,
  });
}

/** Serves released files. It can only give: a file that somebody deleted is not fetched back past the scanner. */
export function serveFromLibrary(
  core: NodeCore,
  claims: GrantClaims,
  place: { readonly metainfo: Metainfo; readonly libraryPath: string },
): Result<Torrent, Failure> {
  const { metainfo, libraryPath } = place;
  const source: TorrentSource = { kind: "metainfo", metainfo };
  const name = basename(libraryPath);
  return core.engine.add({
    source,
    storage: {
      rootDir: dirname(libraryPath),
      fileName: ({ path }) => (metainfo.bareFile ? name : join(name, ...path)),
      modeBits: LIBRARY_MODE_BITS,
    },
    admission: grantAdmission(core, claims.jti, source),
    discovery: core.discovery(source, claims),
    extensions: core.extensions(source, claims),
    limits: { down: 0 },
    seedAfter: true,
  });
}
