// Changing a person: roles, a new sign-in link, switching the account off and on again.

import { type FormEvent, type ReactNode, useState } from "react";
import type { Role } from "../../../../src/domain/person.ts";
import type { Person, PersonPatch, SignInLink } from "../../../../src/wire/api/v1/person.ts";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { RefusalNotice } from "../../design/notice.tsx";
import { LinkToGive } from "./link-to-give.tsx";
import { RoleFields } from "./role-fields.tsx";

export function PersonDialog({
  person,
  onClose,
}: {
  readonly person: Person;
  readonly onClose: () => void;
}): ReactNode {
  const [roles, setRoles] = useState<ReadonlySet<Role>>(new Set(person.roles));
  const [link, setLink] = useState<SignInLink>();
  const changing = useAction(async (patch: PersonPatch) => {
    await call<Person>("PATCH", `/people/${person.id}`, { body: patch });
    await renew(KEYS.people);
    onClose();
  });
  const linking = useAction(async () => setLink(await call<SignInLink>("POST", `/people/${person.id}/sign-in-link`)));
  const refusal = changing.refusal ?? linking.refusal;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    changing.run({ roles: [...roles] });
  };
  return (
    <Dialog title={person.name} onClose={onClose}>
      {refusal !== undefined && <RefusalNotice refusal={refusal} title="Nothing was changed." />}
      <form className="stack" onSubmit={submit}>
        <RoleFields roles={roles} onChange={setRoles} />
        <div className="bar">
          <Button look="primary" type="submit" busy={changing.busy} isDisabled={roles.size === 0}>
            Save the roles
          </Button>
          <Button look="quiet" onPress={onClose}>
            Cancel
          </Button>
        </div>
      </form>
      <hr className="people-rule" />
      {link === undefined ? (
        <div className="bar">
          <Button busy={linking.busy} onPress={() => linking.run(undefined)}>
            Make a sign-in link
          </Button>
          <Button
            look={person.disabled ? "plain" : "danger"}
            onPress={() => changing.run({ disabled: !person.disabled })}
          >
            {person.disabled ? "Switch the account on" : "Switch the account off"}
          </Button>
        </div>
      ) : (
        <LinkToGive link={link} />
      )}
      {!person.disabled && (
        <p className="quiet small">
          Switching off ends every session and every grant of this person at once. The record of them stays.
        </p>
      )}
    </Dialog>
  );
}
