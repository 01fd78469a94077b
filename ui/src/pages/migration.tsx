// One migration: how far it is and when it will be done, its mailboxes, what
// failed, its reports, and all that can be done to it.
import { useMemo, useState } from "preact/hooks";

import {
  A,
  BigTable,
  Button,
  Empty,
  Fault,
  Meter,
  Page,
  Shown,
  StateBadge,
  Table,
  Tabs,
  type BigColumn,
} from "../parts";
import { go } from "../route";
import type { Migration } from "../types/migrations";
import { isStaff, useGet, useNow, useSession } from "../use";
import { apart, bytes, count, percent, several } from "../words";
import { Causes } from "./migration/causes";
import { Deeds } from "./migration/deeds";
import { MigrationHeadline } from "./migration/headline";
import { useMailboxes, type Mailboxes, type Row } from "./migration/mailboxes";
import { MoreRows } from "./migration/more_rows";
import { MigrationPlots } from "./migration/plots";
import { Settings } from "./migration/settings";
import { stateOf } from "./migrations";

interface Report {
  name: string;
  type: string;
  what: string;
}

function columnsAt(now: number): BigColumn<Row>[] {
  return [
    {
      name: "source",
      title: "From",
      width: "minmax(16rem, 1fr)",
      by: (m) => m.source,
      cell: (m) => (
        <>
          <A href={`/mailboxes/${m.id}`} tabIndex={-1} title={m.source}>
            {m.source}
          </A>
          <span class="hint below" title={m.destination}>
            to {m.destination}
          </span>
        </>
      ),
    },
    {
      name: "state",
      title: "State",
      width: "12.5rem",
      by: (m) => m.state,
      cell: (m) => (
        <span title={m.reason ?? undefined}>
          <StateBadge state={m.state} />
        </span>
      ),
    },
    {
      name: "job",
      title: "Pass",
      width: "8rem",
      by: (m) => (m.job ? `${m.job.state} ${m.job.pass}` : ""),
      cell: (m) => (m.job ? `${m.job.pass}: ${m.job.state}` : "none yet"),
    },
    {
      name: "done",
      title: "Items done",
      width: "12rem",
      by: (m) => m.done / Math.max(1, m.items),
      cell: (m) => (
        <>
          <Meter
            value={m.done}
            of={m.items}
            label={`${count(m.done)} of ${several(m.items, "item")} known by now`}
          />
          {m.items === 0 ? "not listed" : `${count(m.done)} of ${count(m.items)}`}
        </>
      ),
    },
    {
      name: "rate",
      title: "An hour",
      width: "6rem",
      number: true,
      by: (m) => m.rate ?? -1,
      cell: (m) => (m.rate === undefined ? "" : bytes(m.rate)),
    },
    {
      name: "held",
      title: "Held up",
      width: "6rem",
      number: true,
      // A stretch is told of once something was copied: that is after the wait.
      by: (m) => (m.state === "throttled" ? 2 : (m.pace?.throttledShare ?? -1)),
      cell: (m) =>
        m.state === "throttled" ? "now" : m.pace ? percent(m.pace.throttledShare) : "",
    },
    {
      name: "end",
      title: "Done, likely",
      width: "7rem",
      by: (m) => m.forecast?.p90,
      cell: (m) => (m.forecast ? apart(m.forecast.p90, now) : ""),
    },
    {
      name: "failed",
      title: "Failed",
      width: "5rem",
      number: true,
      by: (m) => m.failed,
      cell: (m) => (m.failed === 0 ? "" : count(m.failed)),
    },
  ];
}

function Boxes(props: { migration: Migration; all: Mailboxes; again: () => void }) {
  const { migration, all } = props;
  const staff = isStaff(useSession());
  const now = useNow();
  const columns = useMemo(() => columnsAt(now), [now]);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const [adding, setAdding] = useState(false);
  const targets = useMemo(
    () => (marked.size === 0 ? all.rows : all.rows.filter((m) => marked.has(m.id))),
    [marked, all.rows],
  );
  const whom =
    marked.size === 0
      ? `all ${several(migration.mailboxes, "mailbox", "mailboxes")}`
      : several(targets.length, "marked mailbox", "marked mailboxes");
  if (migration.mailboxes === 0 && all.rows.length === 0) {
    return <Empty title="No mailboxes" hint="An import file adds them." />;
  }
  return (
    <div class="boxes">
      {all.problem && <Fault problem={all.problem} again={all.again} />}
      {staff && (
        <div class="section-head">
          <Deeds
            path={`/migrations/${migration.id}`}
            targets={targets}
            whom={whom}
            some={marked.size > 0}
            onDone={props.again}
          />
          <Button kind="quiet" onClick={() => setAdding(true)}>
            Add mailboxes…
          </Button>
        </div>
      )}
      {staff && (
        <p class="hint" role="status">
          What is done here is done to {whom}.
          {!all.whole &&
            ` ${count(all.rows.length)} of ${count(migration.mailboxes)} have been read so far.`}
        </p>
      )}
      <BigTable
        caption="mailboxes"
        rows={all.rows}
        columns={columns}
        rowKey={(m) => m.id}
        name={(m) => m.source}
        text={(m) => `${m.source} ${m.destination}`}
        state={(m) => m.state}
        sort=""
        onOpen={(m) => go(`/mailboxes/${m.id}`)}
        {...(staff && { marked, onMarked: setMarked })}
      />
      {adding && <MoreRows id={migration.id} onClose={() => setAdding(false)} />}
    </div>
  );
}

function Reports({ id }: { id: number }) {
  const got = useGet<{ items: Report[] }>(`/migrations/${id}/reports`);
  return (
    <Shown got={got} what="reports">
      {({ items }) => (
        <Table
          caption="reports"
          param="reports"
          rows={items}
          rowKey={(r) => r.name}
          columns={[
            {
              name: "name",
              title: "File",
              by: (r) => r.name,
              cell: (r) => (
                <a href={`/api/v1/migrations/${id}/reports/${r.name}`} download={r.name}>
                  {r.name}
                </a>
              ),
            },
            { name: "what", title: "What is in it", by: (r) => r.what, cell: (r) => r.what },
          ]}
        />
      )}
    </Shown>
  );
}

export function MigrationPage(props: { id: string }) {
  const id = Number(props.id);
  const got = useGet<Migration>(`/migrations/${id}`, {
    on: ["migration", "mailbox", "job"],
    about: (e) => e.data["migration"] === id,
  });
  const all = useMailboxes(id);
  const m = got.data;
  return (
    <Page
      title={m?.name ?? "Migration"}
      badge={m && <StateBadge state={stateOf(m)} />}
      hint={m && `${m.source.url ?? "?"} → ${m.destination.url ?? "?"}`}
      crumbs={[{ href: "/migrations", text: "Migrations" }]}
    >
      <Shown got={got} what="the migration" lines={6}>
        {(migration) => (
          <>
            <MigrationHeadline migration={migration} />
            <Tabs
              tabs={[
                {
                  name: "mailboxes",
                  title: "Mailboxes",
                  count: migration.mailboxes,
                  body: () => <Boxes migration={migration} all={all} again={got.again} />,
                },
                {
                  name: "time",
                  title: "Over time",
                  body: () => (
                    <MigrationPlots id={id} source={migration.source.url ?? undefined} />
                  ),
                },
                {
                  name: "failures",
                  title: "Failures",
                  body: () => <Causes path={`/migrations/${id}`} />,
                },
                {
                  name: "reports",
                  title: "Reports",
                  body: () => <Reports id={id} />,
                },
                {
                  name: "settings",
                  title: "Settings",
                  body: () => (
                    <Settings migration={migration} version={got.version} again={got.again} />
                  ),
                },
              ]}
            />
          </>
        )}
      </Shown>
    </Page>
  );
}
