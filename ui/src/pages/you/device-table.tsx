// Devices that have joined, and taking one out again.

import { type ReactNode, useState } from "react";
import type { Device } from "../../../../src/wire/api/v1/device.ts";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Moment } from "../../design/moment.tsx";
import { RefusalNotice } from "../../design/notice.tsx";

export function DeviceTable({
  devices,
  withPerson = false,
}: {
  readonly devices: readonly Device[];
  readonly withPerson?: boolean;
}): ReactNode {
  const [removing, setRemoving] = useState<Device>();
  const titles = ["Device", ...(withPerson ? ["Person"] : []), "System", "Last heard of", "Remove"];
  return (
    <div className="table-box">
      <table className="table" role="table" aria-label="Devices">
        <thead role="rowgroup">
          <tr role="row">
            {titles.map((title) => (
              <th key={title} scope="col" role="columnheader">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {devices.map((device) => (
            <tr key={device.id} role="row">
              <td role="cell">
                <strong className="outside">{device.name}</strong>
              </td>
              {withPerson && (
                <td role="cell" className="outside">
                  {device.person.name}
                </td>
              )}
              <td role="cell" className="outside">
                {device.platform}
              </td>
              <td role="cell">{device.lastSeenAtMs === null ? "never" : <Moment ms={device.lastSeenAtMs} away />}</td>
              <td role="cell">
                {device.state === "removed" ? (
                  <span className="quiet">removed</span>
                ) : (
                  <Button look="quiet" aria-label={`Remove ${device.name}`} onPress={() => setRemoving(device)}>
                    Remove
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {removing !== undefined && <RemoveDialog device={removing} onClose={() => setRemoving(undefined)} />}
    </div>
  );
}

function RemoveDialog({ device, onClose }: { readonly device: Device; readonly onClose: () => void }): ReactNode {
  const removing = useAction(async () => {
    await call("DELETE", `/devices/${device.id}`);
    await renew(KEYS.devices, KEYS.grants, KEYS.transfers);
    onClose();
  });
  return (
    <Dialog title="Remove this device?" onClose={onClose}>
      {removing.refusal !== undefined && (
        <RefusalNotice refusal={removing.refusal} title="The device is still there." />
      )}
      <p className="outside">
        “{device.name}” loses every grant at once, and its transfers stop. Files that were released stay on it. To use
        it again it has to join anew.
      </p>
      <div className="bar">
        <Button look="danger" busy={removing.busy} onPress={() => removing.run(undefined)}>
          Remove the device
        </Button>
        <Button look="quiet" onPress={onClose}>
          Keep it
        </Button>
      </div>
    </Dialog>
  );
}
