// What a torrent holds, shown back before anybody asks or decides: names, sizes, hashes, where it would connect to.

import { type ReactNode, useState } from "react";
import type { TorrentSummary } from "../../../../src/wire/api/v1/torrent.ts";
import { Button } from "../../design/button.tsx";
import { Facts } from "../../design/page.tsx";
import { countText, sizeText } from "../../format/bytes.ts";
import "./content.css";

const FILES_FIRST = 8;
const FILES_MAX = 500;

export function ContentView({ summary }: { readonly summary: TorrentSummary }): ReactNode {
  const magnet = summary.format === "magnet";
  return (
    <div className="content">
      <Facts
        facts={[
          ["Content", <strong className="outside">{summary.name}</strong>],
          [
            "Size",
            magnet
              ? "Known once the transfer starts"
              : `${sizeText(summary.totalBytes ?? 0)} in ${countText(summary.files.length, "file")}`,
          ],
          [
            "Who it comes from",
            summary.private ? "A private swarm, through its tracker only" : "Anyone who has it (open swarm)",
          ],
        ]}
      />
      {summary.files.length > 0 && <Files files={summary.files} />}
      <details className="content-technical">
        <summary>Hashes and addresses</summary>
        <dl className="content-hashes">
          <Hash term="Info-hash, version 1" value={summary.infoHashV1} />
          <Hash term="Info-hash, version 2" value={summary.infoHashV2} />
          {summary.pieceLength !== null && <Hash term="Piece size" value={sizeText(summary.pieceLength)} />}
          {summary.trackers.map((tracker) => (
            <Hash key={tracker} term="Tracker" value={tracker} />
          ))}
          {summary.webSeeds.map((seed) => (
            <Hash key={seed} term="Web seed" value={seed} />
          ))}
        </dl>
      </details>
    </div>
  );
}

function Hash({ term, value }: { readonly term: string; readonly value: string | null }): ReactNode {
  if (value === null) return null;
  return (
    <>
      <dt>{term}</dt>
      <dd className="mono outside">{value}</dd>
    </>
  );
}

function Files({ files }: { readonly files: TorrentSummary["files"] }): ReactNode {
  const [all, setAll] = useState(false);
  const shown = files.slice(0, all ? FILES_MAX : FILES_FIRST);
  return (
    <div>
      <ul role="list" className="content-files" aria-label="Files">
        {shown.map((file) => (
          <li key={file.path}>
            <span className="outside">{file.path}</span>
            <span className="quiet">{sizeText(file.bytes)}</span>
          </li>
        ))}
      </ul>
      {files.length > FILES_FIRST && !all && (
        <Button look="quiet" onPress={() => setAll(true)}>
          {`Show all ${countText(files.length, "file")}`}
        </Button>
      )}
      {all && files.length > FILES_MAX && (
        <p className="quiet small">{`The first ${FILES_MAX} of ${countText(files.length, "file")} are shown.`}</p>
      )}
    </div>
  );
}
