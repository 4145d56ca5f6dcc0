// Who the content comes from: addresses and the programs that they say they are.

import type { ReactNode } from "react";
import type { TransferPeer } from "../../../../src/wire/api/v1/transfer.ts";
import { Section } from "../../design/page.tsx";
import { countText, rateText, shareText } from "../../format/bytes.ts";

export function Peers({ peers }: { readonly peers: readonly TransferPeer[] }): ReactNode {
  return (
    <Section title={peers.length === 0 ? "No peers" : countText(peers.length, "peer")}>
      {peers.length === 0 ? (
        <p className="quiet">Nobody is connected at this moment.</p>
      ) : (
        <div className="table-box">
          <table className="table" role="table" aria-label="Peers">
            <thead role="rowgroup">
              <tr role="row">
                {["Address", "Program", "Has", "Down", "Up", "By"].map((title) => (
                  <th key={title} scope="col" role="columnheader">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {peers.map((peer) => (
                <tr key={peer.address} role="row">
                  <td role="cell" className="mono outside">
                    {peer.address}
                  </td>
                  <td role="cell" className="outside">
                    {peer.client}
                  </td>
                  <td role="cell">{peer.progress === undefined ? "" : shareText(peer.progress, 1)}</td>
                  <td role="cell">{rateText(peer.rateDown ?? 0)}</td>
                  <td role="cell">{rateText(peer.rateUp ?? 0)}</td>
                  <td role="cell">{peer.transport ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
