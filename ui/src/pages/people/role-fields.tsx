// The roles of a person as boxes to tick, each with what it permits.

import type { ReactNode } from "react";
import type { Role } from "../../../../src/domain/person.ts";
import { CheckField } from "../../design/field.tsx";

const ROLE_SENTENCES: Readonly<Record<Role, string>> = {
  member: "Member: asks for transfers",
  reviewer: "Reviewer: decides what others ask for, revokes grants, reads the record",
  publisher: "Publisher: puts software into the catalogue",
  "network-officer": "Network officer: sees every transfer and the record",
  administrator: "Administrator: manages people and devices, reads the record",
};
const ROLES = Object.keys(ROLE_SENTENCES) as readonly Role[];

type RoleFieldsProps = { readonly roles: ReadonlySet<Role>; readonly onChange: (roles: ReadonlySet<Role>) => void };

export function RoleFields({ roles, onChange }: RoleFieldsProps): ReactNode {
  return (
    <fieldset>
      <legend className="field-label">Roles</legend>
      {ROLES.map((role) => (
        <CheckField
          key={role}
          value={roles.has(role)}
          onChange={() => onChange(roles.symmetricDifference(new Set([role])))}
        >
          {ROLE_SENTENCES[role]}
        </CheckField>
      ))}
    </fieldset>
  );
}
