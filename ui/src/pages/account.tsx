// One account: who speaks for it, what it has asked for, what is moved.
import { useState } from "preact/hooks";

import { del, type List } from "../api";
import {
  Button,
  Confirm,
  Facts,
  Page,
  Section,
  Shown,
  Tabs,
  Time,
  toast,
} from "../parts";
import { go } from "../route";
import type { Account as AccountData, Contact } from "../types/people";
import { useGet } from "../use";
import { several } from "../words";
import { EditAccount } from "./accounts/edit_account";
import { Prices } from "./settings/prices";
import { Contacts } from "./account/contacts";
import { Migrations, Requests } from "./account/theirs";

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
