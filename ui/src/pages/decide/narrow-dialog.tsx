// Approving less than was asked for: a shorter time, fewer bytes, certain zones.

import { type FormEvent, type ReactNode, useState } from "react";
import type { Zone } from "../../../../src/domain/grant.ts";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { CheckField, SelectField, TextField } from "../../design/field.tsx";
import { durationText } from "../../format/duration.ts";
import { approve, type Narrowing } from "./decisions.ts";

type NarrowDialogProps = { readonly request: RequestDetail; readonly onClose: () => void; readonly onDone: () => void };

const DAY_SECONDS = 86_400;
const SHORTER_SECONDS = [3_600, 6 * 3_600, DAY_SECONDS, 3 * DAY_SECONDS, 7 * DAY_SECONDS, 30 * DAY_SECONDS];
const BYTES_PER_GB = 1_000_000_000;
const ZONE_WORDS: Readonly<Record<Zone, string>> = {
  campus: "On the campus network",
  vpn: "Over the VPN",
  residence: "In the residences",
};
const ZONES: readonly Zone[] = ["campus", "vpn", "residence"];

export function NarrowDialog({ request, onClose, onDone }: NarrowDialogProps): ReactNode {
  const [seconds, setSeconds] = useState(String(request.durationSeconds));
  const [gigabytes, setGigabytes] = useState("");
  const [zones, setZones] = useState<ReadonlySet<Zone>>(new Set(ZONES));
  const cap = Number(gigabytes);
  const capFault = gigabytes !== "" && !(cap > 0) ? "Enter a number of GB, or leave it empty." : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (capFault !== undefined || zones.size === 0) return;
    const narrow: Narrowing = {
      ...(Number(seconds) < request.durationSeconds ? { durationSeconds: Number(seconds) } : {}),
      ...(gigabytes === "" ? {} : { maxBytes: Math.max(1, Math.round(cap * BYTES_PER_GB)) }),
      ...(zones.size < ZONES.length ? { zones: [...zones] } : {}),
    };
    approve(request, narrow);
    onDone();
  };
  const times = [...SHORTER_SECONDS.filter((shorter) => shorter < request.durationSeconds), request.durationSeconds];
  return (
    <Dialog title={`Approve ${request.id}, narrowed`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <SelectField
          label="For how long"
          value={seconds}
          onChange={setSeconds}
          choices={times.map((time) => ({
            value: String(time),
            word: time === request.durationSeconds ? `${durationText(time)}, as asked` : durationText(time),
          }))}
        />
        <TextField
          label="At most, in GB"
          hint="Leave it empty for no limit of its own."
          value={gigabytes}
          onChange={setGigabytes}
          fault={capFault}
        />
        <fieldset className="stack decide-zones">
          <legend className="field-label">Where</legend>
          {ZONES.map((zone) => (
            <CheckField
              key={zone}
              value={zones.has(zone)}
              onChange={() => setZones(zones.symmetricDifference(new Set([zone])))}
            >
              {ZONE_WORDS[zone]}
            </CheckField>
          ))}
        </fieldset>
        <div className="bar">
          <Button look="primary" type="submit" isDisabled={zones.size === 0}>
            Approve this
          </Button>
          <Button look="quiet" onPress={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
