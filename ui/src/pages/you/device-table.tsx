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
import { type Column, Table, textColumn } from "../../design/table.tsx";
import { fullMomentText } from "../../format/moment.ts";

const DEVICE = textColumn<Device>("Device", ({ name }) => name);
const PERSON = textColumn<Device>("Person", ({ person }) => person.name);
const REST: readonly Column<Device>[] = [
  textColumn("System", ({ platform }) => platform),
  {
    title: "Last heard of",
    cell: ({ lastSeenAtMs }) => (lastSeenAtMs === null ? "never" : <Moment ms={lastSeenAtMs} away />),
    csv: ({ lastSeenAtMs }) => (lastSeenAtMs === null ? "never" : fullMomentText(lastSeenAtMs)),
  },
];

export function DeviceTable({
  devices,
  withPerson = false,
}: {
  readonly devices: readonly Device[];
  readonly withPerson?: boolean;
}): ReactNode {
  const [removing, setRemoving] = useState<Device>();
  const remove: Column<Device> = {
    title: "Remove",
    cell: (device) =>
      device.state === "removed" ? (
        <span className="quiet">removed</span>
      ) : (
        <Button look="quiet" aria-label={`Remove ${device.name}`} onPress={() => setRemoving(device)}>
          Remove
        </Button>
      ),
  };
  const columns = [DEVICE, ...(withPerson ? [PERSON] : []), ...REST, remove];
  return (
    <>
      <Table label="Devices" columns={columns} rows={devices} rowId={({ id }) => id} />
      {removing !== undefined && <RemoveDialog device={removing} onClose={() => setRemoving(undefined)} />}
    </>
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
