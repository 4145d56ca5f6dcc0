// How much of a transfer is done, as a bar and as a figure.

import type { ReactNode } from "react";
import type { Transfer } from "../../../../src/wire/api/v1/transfer.ts";
import { shareText } from "../../format/bytes.ts";

export function Progress({
  transfer,
}: {
  readonly transfer: Pick<Transfer, "bytesDone" | "bytesTotal" | "name">;
}): ReactNode {
  const { bytesDone, bytesTotal, name } = transfer;
  const total = bytesTotal ?? 0;
  return (
    <span className="progress">
      <progress value={total === 0 ? 0 : bytesDone} max={total === 0 ? 1 : total} aria-label={`Progress of ${name}`} />
      <span>{bytesTotal === null ? "–" : shareText(bytesDone, bytesTotal)}</span>
    </span>
  );
}
