// Requests and migrations of an account.
import { type List } from "../../api";
import { A, Empty, Section, Shown, StateBadge, Table, Time } from "../../parts";
import { useGet } from "../../use";

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

export function Requests(props: { account: number }) {
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

export function Migrations(props: { account: number }) {
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
