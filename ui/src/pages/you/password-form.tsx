// Setting or changing the password.

import { type FormEvent, type ReactNode, useState } from "react";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { TextField } from "../../design/field.tsx";
import { Notice, RefusalNotice } from "../../design/notice.tsx";

const LENGTH_MIN = 10;

export function PasswordForm({
  login,
  hasPassword,
}: {
  readonly login: string;
  readonly hasPassword: boolean;
}): ReactNode {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState<string>();
  const [done, setDone] = useState(false);
  const saving = useAction(async () => {
    await call("POST", "/me/password", { body: { password, ...(hasPassword ? { current } : {}) } });
    setCurrent("");
    setPassword("");
    setDone(true);
    await renew(KEYS.me);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setDone(false);
    const short = password.length < LENGTH_MIN;
    setFault(short ? `A password has at least ${LENGTH_MIN} characters; a few words are good.` : undefined);
    if (!short) saving.run(undefined);
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {done && <Notice tone="clean" title="Your new password is set." />}
      {saving.refusal !== undefined && <RefusalNotice refusal={saving.refusal} title="The password was not changed." />}
      <input type="text" autoComplete="username" value={login} readOnly hidden />
      {hasPassword && (
        <TextField
          label="The password you have now"
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
        />
      )}
      <TextField
        label="New password"
        hint={`At least ${LENGTH_MIN} characters.`}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        fault={fault}
      />
      <div className="bar">
        <Button type="submit" busy={saving.busy}>
          {hasPassword ? "Change it" : "Set it"}
        </Button>
      </div>
    </form>
  );
}
