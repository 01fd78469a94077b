// All accounts, to find one, add one, or take in a table of them.
import { useState } from "preact/hooks";

import type { List } from "../api";
import { A, Button, Empty, Page, Shown, Table, Time } from "../parts";
import { go } from "../route";
import type { Account } from "../types/people";
import { useGet, useQuery } from "../use";
import { EditAccount } from "./accounts/edit_account";
import { ImportPeople } from "./accounts/import_people";

/** As many as one page of the API has. */
const MOST = 500;

export function Domains(props: { of: Account }) {
  const shown = props.of.domains.slice(0, 3);
  const more = props.of.domains.length - shown.length;
  return (
    <>
      {shown.map((d) => d.name).join(", ")}
      {more > 0 && <span class="hint"> and {more} more</span>}
      {shown.length === 0 && <span class="hint">none</span>}
    </>
  );
}

export function Accounts() {
  const [find] = useQuery("find");
  const [open, setOpen] = useState<"add" | "import">();
  const first = useGet<List<Account>>("/accounts", {
    query: { limit: MOST, sort: "partner" },
    on: ["audit"],
  });
  const many = first.data?.next != null;
  const found = useGet<List<Account>>(many && find !== "" ? "/accounts" : null, {
    query: { limit: MOST, text: find },
  });
  const close = () => {
    setOpen(undefined);
    first.again();
  };

  return (
    <Page
      title="Accounts"
      hint="Whose migrations they are, and who may ask for them."
      actions={
        <>
          <Button onClick={() => setOpen("import")}>Take in a table</Button>
          <Button kind="main" onClick={() => setOpen("add")}>
            Add an account
          </Button>
        </>
      }
    >
      <Shown got={first} what="accounts" lines={6}>
        {(list) => (
          <>
            {many && (
              <p class="hint">
                These are the first {MOST} by Partner ID. What you type finds
                others by Partner ID or name.
              </p>
            )}
            <Table
              caption="accounts"
              rows={found.data?.items ?? list.items}
              rowKey={(a) => a.id}
              sort="partner"
              text={(a) =>
                [a.partner, a.name, ...a.domains.map((d) => d.name)].join(" ")
              }
              empty={
                <Empty
                  title="No accounts yet"
                  hint="Add the first one, or take in a table of accounts and contacts from where you keep them."
                />
              }
              columns={[
                {
                  name: "partner",
                  title: "Partner ID",
                  by: (a) => a.partner,
                  cell: (a) => <A href={`/accounts/${a.id}`}>{a.partner}</A>,
                },
                {
                  name: "name",
                  title: "Name",
                  by: (a) => a.name,
                  cell: (a) => a.name,
                },
                {
                  name: "domains",
                  title: "Domains",
                  by: (a) => a.domains[0]?.name,
                  cell: (a) => <Domains of={a} />,
                },
                {
                  name: "created",
                  title: "Added",
                  by: (a) => a.created,
                  cell: (a) => <Time at={a.created} short />,
                },
              ]}
            />
          </>
        )}
      </Shown>
      {open === "add" && (
        <EditAccount
          onClose={() => setOpen(undefined)}
          onDone={(id) => go(`/accounts/${id}`)}
        />
      )}
      {open === "import" && <ImportPeople onClose={close} />}
    </Page>
  );
}
