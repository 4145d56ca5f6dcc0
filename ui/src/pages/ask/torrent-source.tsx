// "What do you need?": a magnet link, a .torrent file or a suggestion, read by the portal and shown back at once.

import { FileUp, X } from "lucide-react";
import type { ReactNode } from "react";
import { DropZone, FileTrigger } from "react-aria-components";
import type { Torrent } from "../../../../src/wire/api/v1/torrent.ts";
import { useAction } from "../../api/action.ts";
import { useSuggestions } from "../../api/lists.ts";
import { readKnownTorrent, readMagnet, readTorrentFile } from "../../api/torrents.ts";
import { announce } from "../../design/announcer.tsx";
import { Button } from "../../design/button.tsx";
import { TextField } from "../../design/field.tsx";
import { RefusalNotice } from "../../design/notice.tsx";
import { ContentView } from "../content/content-view.tsx";

type SourceProps = {
  readonly torrent: Torrent | undefined;
  readonly magnet: string;
  readonly fault: string | undefined;
  readonly onMagnet: (magnet: string) => void;
  readonly onTorrent: (torrent: Torrent | undefined) => void;
};

export function TorrentSource(props: SourceProps): ReactNode {
  const { torrent, onTorrent } = props;
  if (torrent === undefined) return <SourceForm {...props} />;
  return (
    <div className="ask-content">
      <ContentView summary={torrent.summary} />
      <div className="bar">
        <Button look="plain" icon={X} onPress={() => onTorrent(undefined)}>
          Choose something else
        </Button>
      </div>
    </div>
  );
}

function SourceForm({ magnet, fault, onMagnet, onTorrent }: SourceProps): ReactNode {
  const reading = useAction(async (read: () => Promise<Torrent>) => {
    const torrent = await read();
    onTorrent(torrent);
    announce(`Read: ${torrent.summary.name}`);
  });
  const take = (file: Blob | undefined): void => {
    if (file !== undefined) reading.run(() => readTorrentFile(file));
  };
  return (
    <div className="stack">
      {reading.refusal !== undefined && (
        <RefusalNotice refusal={reading.refusal} title="This could not be read as a torrent." />
      )}
      <div className="ask-magnet">
        <TextField label="Magnet link" value={magnet} onChange={onMagnet} mono fault={fault} />
        <Button
          busy={reading.busy}
          isDisabled={magnet.trim() === ""}
          onPress={() => reading.run(() => readMagnet(magnet.trim()))}
        >
          Read it
        </Button>
      </div>
      <DropZone
        className="ask-drop"
        aria-label="Drop a .torrent file here"
        onDrop={(event) => {
          const item = event.items.find((one) => one.kind === "file");
          if (item?.kind === "file") reading.run(async () => readTorrentFile(await item.getFile()));
        }}
      >
        <FileUp aria-hidden="true" />
        <span>Drop a .torrent file here, or</span>
        <FileTrigger
          acceptedFileTypes={[".torrent", "application/x-bittorrent"]}
          onSelect={(files) => take(files?.[0])}
        >
          <Button>Choose a file</Button>
        </FileTrigger>
      </DropZone>
      <Suggested onPick={(torrentId) => reading.run(() => readKnownTorrent(torrentId))} />
    </div>
  );
}

function Suggested({ onPick }: { readonly onPick: (torrentId: string) => void }): ReactNode {
  const suggestions = useSuggestions().data?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <div className="ask-suggested">
      <p className="field-label">Or take one of these</p>
      <ul role="list">
        {suggestions.map((one) => (
          <li key={one.torrentId}>
            <Button look="plain" onPress={() => onPick(one.torrentId)}>
              <span className="outside">{one.name}</span>
            </Button>
            <span className="quiet small outside">{one.says}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
