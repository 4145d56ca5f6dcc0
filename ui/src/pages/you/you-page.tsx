// The reader: their devices and how one joins, their password, how the pages look, and the way out.

import { LogOut, MonitorSmartphone } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { JoinToken } from "../../../../src/wire/api/v1/device.ts";
import { useAction } from "../../api/action.ts";
import { call } from "../../api/call.ts";
import { useDevices } from "../../api/lists.ts";
import { signOut } from "../../api/session.ts";
import type { PageProps } from "../../app.tsx";
import { Button } from "../../design/button.tsx";
import { CopyText } from "../../design/copy-text.tsx";
import { Moment } from "../../design/moment.tsx";
import { Notice, RefusalNotice } from "../../design/notice.tsx";
import { Facts, Page, Section } from "../../design/page.tsx";
import { roleWord } from "../../shell/role-word.ts";
import { AppearanceFields } from "./appearance-fields.tsx";
import { DeviceTable } from "./device-table.tsx";
import { PasswordForm } from "./password-form.tsx";

export function YouPage({ me }: PageProps): ReactNode {
  const leaving = useAction(signOut);
  return (
    <Page
      title="You and your devices"
      narrow
      actions={
        <Button icon={LogOut} busy={leaving.busy} onPress={() => leaving.run(undefined)}>
          Sign out
        </Button>
      }
    >
      <Facts
        facts={[
          ["Name", <span className="outside">{me.person.name}</span>],
          ["Sign-in name", <span className="mono outside">{me.person.login}</span>],
          ["Roles", me.person.roles.map(roleWord).join(", ")],
          me.sessionExpiresAtMs === null ? undefined : ["Signed in until", <Moment ms={me.sessionExpiresAtMs} />],
        ]}
      />
      <MyDevices me={me} />
      <Section title="How the pages look">
        <AppearanceFields />
      </Section>
      <Section title={me.hasPassword ? "Change your password" : "Set a password"}>
        <PasswordForm login={me.person.login} hasPassword={me.hasPassword} />
      </Section>
    </Page>
  );
}

function MyDevices({ me }: Pick<PageProps, "me">): ReactNode {
  const devices = useDevices().data?.filter((device) => device.person.id === me.person.id);
  const [token, setToken] = useState<JoinToken>();
  const joining = useAction(async () => setToken(await call<JoinToken>("POST", "/join-tokens")));
  return (
    <Section title="Your devices">
      {devices !== undefined && devices.length > 0 ? (
        <DeviceTable devices={devices} />
      ) : (
        <p className="quiet">
          No device of yours has joined yet. A grant opens one device, so you need one before you ask.
        </p>
      )}
      {joining.refusal !== undefined && <RefusalNotice refusal={joining.refusal} title="No token was made." />}
      {token === undefined ? (
        <div className="bar">
          <Button look="primary" icon={MonitorSmartphone} busy={joining.busy} onPress={() => joining.run(undefined)}>
            Add a device
          </Button>
        </div>
      ) : (
        <Notice title="On that device, run this once">
          <CopyText label="Command" text={`swarmgate join ${token.url} --token ${token.token}`} />
          <p>
            It works once, until <Moment ms={token.expiresAtMs} />. The device makes its own key and never gives it
            away.
          </p>
        </Notice>
      )}
    </Section>
  );
}
