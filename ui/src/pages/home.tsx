// The first page leads to what whoever is signed in came for: an operator to
// what waits for somebody, and to what moves.
import type { List } from "../api";
import { A, Empty, Meter, Page, Section, Shown, StateBadge, Table, Time } from "../parts";
import type { Waits } from "../types/request";
import { isStaff, useGet, useSession } from "../use";
import { several } from "../words";
import { PortalHome } from "./portal/home";

/** Of the request's and the migration's JSON what is shown here. */
interface RequestLine {
  id: number;
  state: string;
  domain: string | null;
  partner: string | null;
  changed: string;
  waits: Waits;
}

interface MigrationLine {
  id: number;
  name: string;
  mailboxes: number;
  states: Record<string, number>;
  jobs: Record<string, number>;
  forecast: { p50: string; p90: string; basis: string } | null;
}

interface Stall {
  migration: number;
  name: string;
  kind: "still" | "late";
  told: string;
  reason: string;
  remedy: string | null;
}

/** States in which something is still to come. */
const OPEN = [
  "received",
  "awaiting information",
  "quoted",
  "approved",
  "scheduled",
  "running",
  "ready for cutover",
  "cut over",
];
/** As much of each list as one look can take; the pages have all. */
const MOST = 500;

const done = (m: MigrationLine) =>
  (m.states["verified"] ?? 0) +
  (m.states["synced"] ?? 0) +
  (m.states["completed with failures"] ?? 0);

/* ---- what waits ----------------------------------------------------------- */

function Waiting(props: {
  requests: readonly RequestLine[];
  tray: number;
  stuck: number;
}) {
  const by = new Map<string, RequestLine[]>();
  for (const r of props.requests) by.set(r.state, [...(by.get(r.state) ?? []), r]);
  /** What does not go on before one of us has done something, by what that is. */
  const tasks = new Map<string, RequestLine[]>();
  for (const r of props.requests) {
    const remedy = r.waits.remedy;
    if (remedy !== null) tasks.set(remedy, [...(tasks.get(remedy) ?? []), r]);
  }
  if (by.size === 0 && props.tray === 0 && props.stuck === 0) {
    return (
      <Empty
        title="Nothing waits"
        hint="Requests come by mail, from the portal, or are opened by an operator."
      />
    );
  }
  return (
    <ul class="tiles">
      {props.tray > 0 && (
        <li>
          <A href="/tray">
            <strong>{props.tray}</strong> in the tray
            <span class="hint">mails that could not be placed</span>
          </A>
        </li>
      )}
      {props.stuck > 0 && (
        <li>
          <A href="/tray?tab=out">
            <strong>{props.stuck}</strong> did not go out
            <span class="hint">letters that failed, or may not have arrived</span>
          </A>
        </li>
      )}
      {[...tasks].map(([remedy, all]) => (
        <li key={remedy}>
          <A href={`/requests/${all.at(0)?.id}`}>
            <strong>{all.length}</strong> <span class="badge warn">for an operator</span>
            <span class="hint">
              waiting for {all.at(0)?.waits.text}: {remedy}
            </span>
          </A>
        </li>
      ))}
      {[...by].map(([state, all]) => (
        <li key={state}>
          <A href={`/requests?view=table&state=${encodeURIComponent(state)}`}>
            <strong>{all.length}</strong> <StateBadge state={state} />
            <span class="hint">
              the oldest since <Time at={all.at(0)?.changed} short />
            </span>
          </A>
        </li>
      ))}
    </ul>
  );
}

/* ---- what should move, and does not -------------------------------------- */

function Stalled(props: { stalls: readonly Stall[] }) {
  if (props.stalls.length === 0) return null;
  return (
    <Section title="What does not get on">
      <ul class="plain-list">
        {props.stalls.map((s) => (
          <li key={s.migration}>
            <p>
              <A href={`/migrations/${s.migration}`}>{s.name}</A>{" "}
              <span class="badge bad">{s.kind === "late" ? "late" : "stands still"}</span>{" "}
              <span class="hint">
                told <Time at={s.told} short />
              </span>
            </p>
            <p>
              {s.reason}.{s.remedy && <> What may help: {s.remedy}.</>}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/* ---- what moves ----------------------------------------------------------- */

function Moving(props: { migrations: readonly MigrationLine[] }) {
  const moving = props.migrations.filter(
    (m) => (m.jobs["running"] ?? 0) + (m.jobs["queued"] ?? 0) > 0,
  );
  return (
    <Table
      caption="migrations under way"
      rows={moving}
      rowKey={(m) => m.id}
      sort="name"
      empty={<Empty title="Nothing moves at the moment" />}
      columns={[
        {
          name: "name",
          title: "Migration",
          by: (m) => m.name,
          cell: (m) => <A href={`/migrations/${m.id}`}>{m.name}</A>,
        },
        {
          name: "done",
          title: "Mailboxes done",
          whole: true,
          by: (m) => done(m) / Math.max(1, m.mailboxes),
          cell: (m) => (
            <>
              <Meter
                value={done(m)}
                of={m.mailboxes}
                label={`${done(m)} of ${several(m.mailboxes, "mailbox", "mailboxes")}`}
              />
              {done(m)} of {m.mailboxes}
            </>
          ),
        },
        {
          name: "failed",
          title: "Failed",
          number: true,
          by: (m) => m.states["failed"] ?? 0,
          cell: (m) => m.states["failed"] ?? 0,
        },
        {
          name: "end",
          title: "Done by, in nine of ten cases",
          by: (m) => m.forecast?.p90,
          cell: (m) => <Time at={m.forecast?.p90} none="not known yet" />,
        },
      ]}
    />
  );
}

/* ---- the page ------------------------------------------------------------- */

function Staff() {
  const requests = useGet<List<RequestLine>>("/requests", {
    query: { state: OPEN.join(), sort: "changed", limit: MOST },
    on: ["request", "audit"],
  });
  const tray = useGet<List<unknown>>("/tray", {
    query: { limit: MOST },
    on: ["request", "audit"],
  });
  const stuck = useGet<List<unknown>>("/outbox", {
    query: { state: "failed,unsure", limit: MOST },
    on: ["request"],
  });
  const migrations = useGet<List<MigrationLine>>("/migrations", {
    query: { sort: "-id", limit: MOST },
    on: ["migration", "mailbox"],
  });
  const stalls = useGet<{ items: Stall[] }>("/stalls", { on: ["migration"] });
  return (
    <Page title="Today">
      {requests.data?.items.length === 0 && migrations.data?.items.length === 0 && (
        <p class="notice">
          There is nothing here yet. <A href="/start">Try it without an Exchange</A>:
          a trial run between two stand-in servers.
        </p>
      )}
      <Stalled stalls={stalls.data?.items ?? []} />
      <Section title="What waits for somebody">
        <Shown got={requests} what="requests">
          {(list) => (
            <Waiting
              requests={list.items}
              tray={tray.data?.items.length ?? 0}
              stuck={stuck.data?.items.length ?? 0}
            />
          )}
        </Shown>
      </Section>
      <Section title="What moves">
        <Shown got={migrations} what="migrations">
          {(list) => <Moving migrations={list.items} />}
        </Shown>
      </Section>
    </Page>
  );
}

export function Home() {
  return isStaff(useSession()) ? <Staff /> : <PortalHome />;
}
