// Who may ask for migrations of an account, and what they may.
import { useState } from "preact/hooks";

import { del, patch, type List } from "../../api";
import {
  Button,
  Confirm,
  Empty,
  Section,
  Shown,
  StateBadge,
  Table,
  toast,
} from "../../parts";
import type { Contact } from "../../types/people";
import type { Got } from "../../use";
import { EditContact, roleNames } from "../accounts/edit_contact";

type Asked =
  | { deed: "add" }
  | { deed: "change" | "disable" | "remove"; contact: Contact };

function ask(contact: Contact, deed: "disable" | "remove", done: () => void) {
  const path = `/contacts/${contact.id}`;
  const who = contact.name ?? contact.address;
  if (deed === "remove") {
    return {
      title: `Remove ${who}?`,
      does: `${contact.address} is taken off the account for good. Their session ends, links that they were sent no longer work, and mails from there are those of somebody unknown. What they asked for stays.`,
      confirm: "Remove the contact",
      onYes: async () => {
        await del(path);
        done();
        toast(`${contact.address} was removed.`);
      },
    };
  }
  return {
    title: `Disable ${who}?`,
    does: `${contact.address} can no longer sign in, ask or approve, and their session ends. It can be undone.`,
    confirm: "Disable the contact",
    onYes: async () => {
      await patch(path, { disabled: true });
      done();
      toast(`${contact.address} is disabled.`, async () => {
        await patch(path, { disabled: false });
        done();
      });
    },
  };
}

function ContactDeeds(props: {
  contact: Contact;
  onAsk: (to: Asked) => void;
  onDone: () => void;
}) {
  const { contact, onAsk } = props;
  return (
    <div class="actions">
      <Button
        aria-label={`Change ${contact.address}`}
        onClick={() => onAsk({ deed: "change", contact })}
      >
        Change
      </Button>
      {contact.disabled ? (
        <Button
          aria-label={`Enable ${contact.address}`}
          onClick={() =>
            patch(`/contacts/${contact.id}`, { disabled: false }).then(
              () => {
                props.onDone();
                toast(`${contact.address} can sign in again.`);
              },
              (cause: unknown) => toast(String(cause)),
            )
          }
        >
          Enable
        </Button>
      ) : (
        <Button
          aria-label={`Disable ${contact.address}`}
          onClick={() => onAsk({ deed: "disable", contact })}
        >
          Disable
        </Button>
      )}
      <Button
        kind="danger"
        aria-label={`Remove ${contact.address}`}
        onClick={() => onAsk({ deed: "remove", contact })}
      >
        Remove
      </Button>
    </div>
  );
}

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
                cell: (k) => (
                  <ContactDeeds contact={k} onAsk={setAsked} onDone={done} />
                ),
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
      {(asked?.deed === "disable" || asked?.deed === "remove") && (
        <Confirm
          danger
          {...ask(asked.contact, asked.deed, got.again)}
          onClose={close}
        />
      )}
    </Section>
  );
}
