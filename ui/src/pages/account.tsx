// One account: who speaks for it, what it has asked for, what is moved.
import { useState } from "preact/hooks";

import { del, patch, type List } from "../api";
import {
  A,
  Button,
  Confirm,
  Empty,
  Facts,
  Page,
  Section,
  Shown,
  StateBadge,
  Table,
  Tabs,
  Time,
  toast,
} from "../parts";
import { go } from "../route";
import type { Account as AccountData, Contact } from "../types/people";
import { useGet, type Got } from "../use";
import { several } from "../words";
import { EditAccount } from "./accounts/edit_account";
import { EditContact, roleNames } from "./accounts/edit_contact";
import { Prices } from "./settings/prices";

interface RequestLine {
  id: number;
  state: string;
  domain: string | null;
  openedBy: string;
  changed: string;
}

interface MigrationLine {
  id: number;
  name: string;
  mailboxes: number;
  states: Record<string, number>;
}

/* ---- contacts ------------------------------------------------------------- */

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

function Contacts(props: { account: number; got: Got<List<Contact>> }) {
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

/* ---- what is theirs ------------------------------------------------------- */

function Requests(props: { account: number }) {
  const got = useGet<List<RequestLine>>("/requests", {
    query: { account: props.account, sort: "-changed", limit: 500 },
    on: ["request"],
  });
  return (
    <Section title="Requests">
      <Shown got={got} what="requests">
        {(list) => (
          <Table
            caption="requests"
            rows={list.items}
            rowKey={(r) => r.id}
            param="requests"
            empty={
              <Empty
                title="Nothing was asked for yet"
                hint="Requests come by mail or from the portal."
              />
            }
            columns={[
              {
                name: "id",
                title: "Number",
                by: (r) => r.id,
                cell: (r) => <A href={`/requests/${r.id}`}>{r.id}</A>,
              },
              {
                name: "state",
                title: "State",
                by: (r) => r.state,
                cell: (r) => <StateBadge state={r.state} />,
              },
              {
                name: "domain",
                title: "Domain",
                by: (r) => r.domain,
                cell: (r) => r.domain ?? <span class="hint">not known</span>,
              },
              {
                name: "by",
                title: "Opened by",
                by: (r) => r.openedBy,
                cell: (r) => r.openedBy,
              },
              {
                name: "changed",
                title: "Last change",
                by: (r) => r.changed,
                cell: (r) => <Time at={r.changed} short />,
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}

function Migrations(props: { account: number }) {
  const got = useGet<List<MigrationLine>>("/migrations", {
    query: { account: props.account, sort: "-id", limit: 500 },
    on: ["migration"],
  });
  return (
    <Section title="Migrations">
      <Shown got={got} what="migrations">
        {(list) => (
          <Table
            caption="migrations"
            rows={list.items}
            rowKey={(m) => m.id}
            param="migrations"
            empty={<Empty title="Nothing is moved for this account yet" />}
            columns={[
              {
                name: "name",
                title: "Migration",
                by: (m) => m.name,
                cell: (m) => <A href={`/migrations/${m.id}`}>{m.name}</A>,
              },
              {
                name: "mailboxes",
                title: "Mailboxes",
                number: true,
                by: (m) => m.mailboxes,
                cell: (m) => m.mailboxes,
              },
              {
                name: "states",
                title: "Where they stand",
                cell: (m) =>
                  Object.entries(m.states)
                    .filter(([, n]) => n > 0)
                    .map(([state, n]) => (
                      <span key={state}>
                        {n} <StateBadge state={state} />{" "}
                      </span>
                    )),
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}

/* ---- the page ------------------------------------------------------------- */

function Data(props: { account: AccountData }) {
  const { account } = props;
  return (
    <Section title="The account">
      <Facts
        facts={[
          ["Partner ID", account.partner],
          [
            "Domains",
            account.domains.length === 0 ? (
              <span class="hint">none; nothing can be moved into one</span>
            ) : (
              <ul class="plain">
                {account.domains.map((d) => (
                  <li key={d.name}>
                    {d.name}{" "}
                    {d.verified ? (
                      <span class="hint">
                        verified <Time at={d.verified} short />
                      </span>
                    ) : (
                      <span class="badge warn">not verified</span>
                    )}
                  </li>
                ))}
              </ul>
            ),
          ],
          ["Added", <Time at={account.created} />],
          ["Notes", account.notes ?? <span class="hint">none</span>],
        ]}
      />
    </Section>
  );
}

export function Account(props: { id: string }) {
  const id = Number(props.id);
  const got = useGet<AccountData>(`/accounts/${encodeURIComponent(props.id)}`, {
    on: ["audit"],
  });
  const contacts = useGet<List<Contact>>("/contacts", {
    query: { account: id, limit: 500 },
    on: ["audit"],
  });
  const [asked, setAsked] = useState<"change" | "remove">();
  const close = () => setAsked(undefined);
  const account = got.data;

  return (
    <Page
      title={account?.name ?? "Account"}
      crumbs={[{ href: "/accounts", text: "Accounts" }]}
      actions={
        account && (
          <>
            <Button onClick={() => setAsked("change")}>Change</Button>
            <Button kind="danger" onClick={() => setAsked("remove")}>
              Remove
            </Button>
          </>
        )
      }
    >
      <Shown got={got} what="the account">
        {(known) => (
          <>
            <Data account={known} />
            <Tabs
              tabs={[
                {
                  name: "contacts",
                  title: "Contacts",
                  count: contacts.data?.items.length,
                  body: () => <Contacts account={id} got={contacts} />,
                },
                {
                  name: "requests",
                  title: "Requests",
                  body: () => <Requests account={id} />,
                },
                {
                  name: "migrations",
                  title: "Migrations",
                  body: () => <Migrations account={id} />,
                },
                { name: "prices", title: "Prices", body: () => <Prices /> },
              ]}
            />
          </>
        )}
      </Shown>
      {asked === "change" && account && (
        <EditAccount
          account={account}
          version={got.version}
          onClose={close}
          onDone={() => {
            close();
            got.again();
            toast("The account was changed.");
          }}
        />
      )}
      {asked === "remove" && account && (
        <Confirm
          danger
          title={`Remove ${account.partner}?`}
          does={`The account goes for good, with ${several(contacts.data?.items.length ?? 0, "contact")}: none of them can sign in any more. An account that has migrations stays; the trail keeps that it was there.`}
          confirm="Remove the account"
          onYes={async () => {
            await del(`/accounts/${account.id}`, { version: got.version });
            toast(`${account.partner} was removed.`);
            go("/accounts");
          }}
          onClose={close}
        />
      )}
    </Page>
  );
}
