// "Why, where and for how long?": the answers that the reviewer decides by.

import type { ReactNode } from "react";
import type { Device } from "../../../../src/wire/api/v1/device.ts";
import type { PolicyText } from "../../../../src/wire/api/v1/policy.ts";
import { CheckField, SelectField, TextField } from "../../design/field.tsx";
import { Notice } from "../../design/notice.tsx";
import { countText } from "../../format/bytes.ts";
import { DAY_CHOICES, type Draft, deviceOf, type Faults } from "./draft.ts";

type WhyFieldsProps = {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
  readonly devices: readonly Device[];
  readonly policy: PolicyText | undefined;
  readonly faults: Faults;
};

const REASON_LENGTH_MAX = 2_000;

export function WhyFields({ draft, change, devices, policy, faults }: WhyFieldsProps): ReactNode {
  return (
    <div className="stack">
      <TextField
        label="What is it for?"
        hint="A sentence or two. For example: “Installation image for the operating systems course, group B.”"
        value={draft.reason}
        onChange={(reason) => change({ reason })}
        rows={3}
        maxLength={REASON_LENGTH_MAX}
        required
        fault={faults.reason}
      />
      <div className="ask-pair">
        <DeviceField draft={draft} change={change} devices={devices} fault={faults.deviceId} />
        <SelectField
          label="For how long"
          hint="The clock starts when it is approved."
          value={draft.days}
          onChange={(days) => change({ days })}
          choices={DAY_CHOICES.map((days) => ({ value: days, word: countText(Number(days), "day") }))}
        />
      </div>
      {policy !== undefined && <PolicyField policy={policy} draft={draft} change={change} fault={faults.policyRead} />}
    </div>
  );
}

function DeviceField({
  draft,
  change,
  devices,
  fault,
}: Pick<WhyFieldsProps, "draft" | "change" | "devices"> & { readonly fault: string | undefined }): ReactNode {
  if (devices.length === 0) {
    return (
      <Notice tone="suspicious" title="No device of yours has joined yet">
        <p>
          A grant opens one device. <a href="/you">Add this computer</a> first; what you typed here is kept.
        </p>
      </Notice>
    );
  }
  return (
    <SelectField
      label="On which device"
      hint="The grant opens this device and no other."
      value={deviceOf(draft, devices)?.id ?? ""}
      onChange={(deviceId) => change({ deviceId })}
      fault={fault}
      choices={[
        ...(devices.length > 1 ? [{ value: "", word: "Choose a device" }] : []),
        ...devices.map(({ id, name }) => ({ value: id, word: name })),
      ]}
    />
  );
}

type PolicyFieldProps = Pick<WhyFieldsProps, "draft" | "change"> & {
  readonly policy: PolicyText;
  readonly fault: string | undefined;
};

function PolicyField({ policy, draft, change, fault }: PolicyFieldProps): ReactNode {
  return (
    <div className="ask-policy">
      <details>
        <summary>Acceptable-use policy, version {policy.version}</summary>
        <div className="ask-policy-text">{policy.text}</div>
      </details>
      <CheckField
        value={draft.policyRead === policy.version}
        onChange={(read) => change({ policyRead: read ? policy.version : "" })}
        fault={fault}
      >
        I have read the acceptable-use policy and will keep to it.
      </CheckField>
    </div>
  );
}
