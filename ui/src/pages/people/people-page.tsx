// People and their devices, for the administrator: who is here, what they may do, which computers they use.

import { MonitorSmartphone, UserRoundPlus, Users } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Person } from "../../../../src/wire/api/v1/person.ts";
import { refusalFrom } from "../../api/call.ts";
import { useDevices, usePeople } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { Button } from "../../design/button.tsx";
import { ListFilter } from "../../design/list-filter.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Page, Section } from "../../design/page.tsx";
import { Status } from "../../design/status.tsx";
import { type Column, Table, textColumn } from "../../design/table.tsx";
import { countText } from "../../format/bytes.ts";
import { fullMomentText } from "../../format/moment.ts";
import { useQueryValue } from "../../router/place.ts";
import { roleWord } from "../../shell/role-word.ts";
import { DeviceTable } from "../you/device-table.tsx";
import { NewPersonDialog } from "./new-person-dialog.tsx";
import { PersonDialog } from "./person-dialog.tsx";
import { ACTIVE_SIGN, DISABLED_SIGN } from "./signs.ts";
import "./people.css";

export function PeoplePage({ me }: PageProps): ReactNode {
  const [q] = useQueryValue("q");
  const people = usePeople(q);
  const [adding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string>();
  const open = people.data?.find((person) => person.id === openId);
  const manages = me.abilities.includes("manage-people");
  return (
    <Page
      title="People"
      actions={
        manages && (
          <Button look="primary" icon={UserRoundPlus} onPress={() => setAdding(true)}>
            Add a person
          </Button>
        )
      }
    >
      <div>
        <ListFilter label="Search by name or sign-in name" />
        {people.isError && <RefusalNotice refusal={refusalFrom(people.error)} title="The people could not be read." />}
        {people.isPending && <Skeleton label="Reading the people" />}
        {people.data !== undefined && <PeopleTable people={people.data} onOpen={manages ? setOpenId : undefined} />}
      </div>
      <AllDevices />
      {adding && <NewPersonDialog onClose={() => setAdding(false)} />}
      {open !== undefined && <PersonDialog person={open} onClose={() => setOpenId(undefined)} />}
    </Page>
  );
}

const COLUMNS: readonly Column<Person>[] = [
  textColumn("Name", ({ name }) => name),
  textColumn("Sign-in name", ({ login }) => login, { mono: true }),
  textColumn("Roles", ({ roles }) => roles.map(roleWord).join(", ")),
  {
    title: "State",
    cell: ({ disabled }) => <Status sign={disabled ? DISABLED_SIGN : ACTIVE_SIGN} />,
    csv: ({ disabled }) => (disabled ? "disabled" : "active"),
  },
  {
    title: "Since",
    cell: ({ createdAtMs }) => <Moment ms={createdAtMs} />,
    csv: ({ createdAtMs }) => fullMomentText(createdAtMs),
  },
];

function PeopleTable({
  people,
  onOpen,
}: {
  readonly people: readonly Person[];
  readonly onOpen: ((id: string) => void) | undefined;
}): ReactNode {
  if (people.length === 0) {
    return (
      <Empty icon={Users} title="Nobody is called that">
        <p>Try a part of the name, or the sign-in name.</p>
      </Empty>
    );
  }
  const change: Column<Person> = {
    title: "Change",
    cell: ({ id, name }) => (
      <Button look="quiet" aria-label={`Change ${name}`} onPress={() => onOpen?.(id)}>
        Change
      </Button>
    ),
  };
  const columns = onOpen === undefined ? COLUMNS : [...COLUMNS, change];
  return <Table label="People" columns={columns} rows={people} rowId={({ id }) => id} />;
}

function AllDevices(): ReactNode {
  const devices = useDevices().data;
  if (devices === undefined) return null;
  return (
    <Section title={countText(devices.length, "device")}>
      {devices.length === 0 ? (
        <Empty icon={MonitorSmartphone} title="No device has joined yet">
          <p>Each person adds their own computers under “You and your devices”.</p>
        </Empty>
      ) : (
        <DeviceTable devices={devices} withPerson />
      )}
    </Section>
  );
}
