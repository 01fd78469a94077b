// Who may ask for migrations of an account, and what they may.
import { useState } from "preact/hooks";

import type { List } from "../../api";
import { Button, Empty, Section, Shown, StateBadge, Table } from "../../parts";
import type { Contact } from "../../types/people";
import type { Got } from "../../use";
import { EditContact, roleNames } from "../accounts/edit_contact";
import { ContactDeeds, DecideContact, type Asked } from "./contact_deeds";

export function Contacts(props: { account: number; got: Got<List<Contact>> }) {
  const { got } = props;
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const done = () => {
    close();
    got.again();
  };

  return (
    <Section
      title="Contacts"
      hint="Primary and Primary Billing may ask for migrations and approve what they cost; Technical may look."
      actions={
        <Button kind="main" onClick={() => setAsked({ deed: "add" })}>
          Add a contact
        </Button>
      }
    >
      <Shown got={got} what="contacts">
        {(list) => (
          <Table
            caption="contacts"
            rows={list.items}
            rowKey={(k) => k.id}
            sort="address"
            param="contacts"
            empty={
              <Empty
                title="Nobody speaks for this account yet"
                hint="Mails that ask for a migration are refused until a contact with the right role is on file."
              />
            }
            columns={[
              {
                name: "address",
                title: "Address",
                by: (k) => k.address,
                cell: (k) => (
                  <>
                    {k.address}
                    {k.disabled && (
                      <>
                        {" "}
                        <StateBadge state="disabled" />
                      </>
                    )}
                  </>
                ),
              },
              {
                name: "name",
                title: "Name",
                by: (k) => k.name,
                cell: (k) => k.name ?? <span class="hint">not known</span>,
              },
              {
                name: "roles",
                title: "Roles",
                by: (k) => roleNames(k.roles),
                cell: (k) => roleNames(k.roles),
              },
              {
                name: "deeds",
                title: "What can be done",
                cell: (k) => <ContactDeeds contact={k} onAsk={setAsked} />,
              },
            ]}
          />
        )}
      </Shown>
      {(asked?.deed === "add" || asked?.deed === "change") && (
        <EditContact
          account={props.account}
          id={asked.deed === "change" ? asked.contact.id : undefined}
          onClose={close}
          onDone={done}
        />
      )}
      {asked && asked.deed !== "add" && asked.deed !== "change" && (
        <DecideContact {...asked} onDone={got.again} onClose={close} />
      )}
    </Section>
  );
}
