// The first page leads to what whoever is signed in came for: an operator to
// what waits for somebody, and to what moves.
import type { List } from "../api";
import { A, Bars, Empty, Meter, Page, Section, Shown, StateBadge, Table, Time } from "../parts";
import { isStaff, useGet, useSession } from "../use";
import { several } from "../words";
import { MOST, type MigrationLine, type RequestLine } from "./home/lines";
import { ToDo, useLists } from "./home/todo";
import { PortalHome } from "./portal/home";

interface Stall {
  /** null: the service as a whole. */
  migration: number | null;
  name: string | null;
  kind: "still" | "late" | "nobody" | "disk";
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
const done = (m: MigrationLine) =>
  (m.states["verified"] ?? 0) +
  (m.states["synced"] ?? 0) +
  (m.states["completed with failures"] ?? 0);

/* ---- requests by state ---------------------------------------------------- */

function ByState(props: { requests: readonly RequestLine[] }) {
  const by = new Map<string, RequestLine[]>();
  for (const r of props.requests) by.set(r.state, [...(by.get(r.state) ?? []), r]);
  if (by.size === 0) {
    return (
      <Empty
        title="No request is open"
        hint="They come by mail, from the portal, or are opened by an operator."
      />
    );
  }
  return (
    <ul class="tiles">
      {OPEN.flatMap((state) => {
        const all = by.get(state);
        return all === undefined ? [] : [
          <li key={state}>
            <A href={`/requests?view=table&state=${encodeURIComponent(state)}`}>
              <strong>{all.length}</strong> <StateBadge state={state} />
              <span class="hint">
                the oldest: <Time at={all.at(0)?.changed} short />
              </span>
            </A>
          </li>,
        ];
      })}
    </ul>
  );
}

/* ---- what should move, and does not -------------------------------------- */

const stallWords: Record<Stall["kind"], string> = {
  still: "stands still",
  late: "late",
  nobody: "nobody works",
  disk: "waits for a disk of ours",
};

function Stalled(props: { stalls: readonly Stall[] }) {
  if (props.stalls.length === 0) return null;
  return (
    <Section title="What does not get on">
      <ul class="plain-list">
        {props.stalls.map((s) => (
          <li key={s.migration ?? 0}>
            <p>
              {s.migration === null ? (
                <A href="/fleet">Fleet</A>
              ) : (
                <A href={`/migrations/${s.migration}`}>{s.name}</A>
              )}{" "}
              <span class="badge bad">{stallWords[s.kind]}</span>{" "}
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
  const migrations = useGet<List<MigrationLine>>("/migrations", {
    query: { sort: "-id", limit: MOST },
    on: ["migration", "mailbox"],
  });
  const stalls = useGet<{ items: Stall[] }>("/stalls", { on: ["migration"] });
  const lists = useLists();
  const all = [requests, migrations, stalls, ...Object.values(lists)];
  // drawn at once: no part pushes another down
  if (all.some((got) => got.data === undefined && got.problem === undefined)) {
    return (
      <Page title="Today">
        <Bars lines={8} what="what there is to do" />
      </Page>
    );
  }
  return (
    <Page title="Today">
      {requests.data?.items.length === 0 && migrations.data?.items.length === 0 && (
        <p class="notice">
          There is nothing here yet. <A href="/start">Try it without an Exchange</A>:
          a trial run between two stand-in servers.
        </p>
      )}
      <Stalled stalls={stalls.data?.items ?? []} />
      <Section title="What waits for an operator">
        <ToDo requests={requests} migrations={migrations} lists={lists} />
      </Section>
      <Section title="Requests">
        <Shown got={requests} what="requests">
          {(list) => <ByState requests={list.items} />}
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
