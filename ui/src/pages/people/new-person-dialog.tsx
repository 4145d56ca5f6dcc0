// Adding a person. They get a one-time sign-in link: no password travels by mail.

import { type FormEvent, type ReactNode, useState } from "react";
import type { Role } from "../../../../src/domain/person.ts";
import type { Person, SignInLink } from "../../../../src/wire/api/v1/person.ts";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { TextField } from "../../design/field.tsx";
import { RefusalNotice } from "../../design/notice.tsx";
import { LinkToGive } from "./link-to-give.tsx";
import { RoleFields } from "./role-fields.tsx";

export function NewPersonDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState("");
  const [login, setLogin] = useState("");
  const [email, setEmail] = useState("");
  const [roles, setRoles] = useState<ReadonlySet<Role>>(new Set<Role>(["member"]));
  const [link, setLink] = useState<SignInLink>();
  const adding = useAction(async () => {
    const body = {
      name: name.trim(),
      login: login.trim(),
      roles: [...roles],
      ...(email.trim() === "" ? {} : { email: email.trim() }),
    };
    const person = await call<Person>("POST", "/people", { body });
    await renew(KEYS.people);
    setLink(await call<SignInLink>("POST", `/people/${person.id}/sign-in-link`));
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    adding.run(undefined);
  };
  if (link !== undefined) {
    return (
      <Dialog title={`${name} is added`} onClose={onClose}>
        <LinkToGive link={link} />
        <Button look="primary" onPress={onClose}>
          Done
        </Button>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add a person" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {adding.refusal !== undefined && <RefusalNotice refusal={adding.refusal} title="Nobody was added." />}
        <TextField label="Name" value={name} onChange={setName} required autoFocus autoComplete="off" />
        <TextField
          label="Sign-in name"
          hint="Small letters, digits, dots and dashes."
          value={login}
          onChange={setLogin}
          required
          mono
          autoComplete="off"
        />
        <TextField label="E-mail, if they have one" type="email" value={email} onChange={setEmail} autoComplete="off" />
        <RoleFields roles={roles} onChange={setRoles} />
        <div className="bar">
          <Button
            look="primary"
            type="submit"
            busy={adding.busy}
            isDisabled={name.trim() === "" || login.trim() === "" || roles.size === 0}
          >
            Add the person
          </Button>
          <Button look="quiet" onPress={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
