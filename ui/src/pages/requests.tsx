// The operators' requests: a board by state, which says what each waits for,
// and the same as a table.
import "../style/requests.css";

import type { List } from "../api";
import {
  A,
  Button,
  Empty,
  Page,
  Shown,
  StateBadge,
  Table,
  Time,
  type Column,
} from "../parts";
import { CLOSED_STATES, OPEN_STATES, TURNS, type Request } from "../types/request";
import { useGet, useQuery } from "../use";
import { calendarDay, several } from "../words";

/** As many as one look can take; beyond that the filters of the table help. */
const MOST = 500;

const name = (r: Request) => r.domain ?? "no domain yet";

/* ---- what it waits for ---------------------------------------------------- */

function WaitsFor(props: { request: Request }) {
  const { waits } = props.request;
  if (waits.for === "nobody") {
    return (
      <>
        nothing more
        {waits.since && (
          <span class="hint wait-side">
            for <Time at={waits.since} lasting />
          </span>
        )}
      </>
    );
  }
  return (
    <>
      {waits.late && <span class="badge bad">overdue</span>} {waits.text}
      <span class="hint wait-side">
        {TURNS[waits.for]}
        {waits.since && (
          <>
            {" "}
            for <Time at={waits.since} lasting />
          </>
        )}
        {waits.remedy && <>: {waits.remedy}</>}
      </span>
    </>
  );
}

/** What has the longest to be late comes last. */
function byLateness(a: Request, b: Request): number {
  if (a.waits.late !== b.waits.late) return a.waits.late ? -1 : 1;
  return (a.waits.since ?? "").localeCompare(b.waits.since ?? "");
}

/* ---- the board ------------------------------------------------------------ */

function Card(props: { request: Request }) {
  const r = props.request;
  return (
    <li class={`ticket${r.waits.late ? " late" : ""}`}>
      <A href={`/requests/${r.id}`}>
        <strong>{name(r)}</strong>
        <span class="hint">
          {r.id} · {r.partner ?? r.openedBy}
        </span>
      </A>
      <p>
        <WaitsFor request={r} />
      </p>
    </li>
  );
}

/** States in which there is none take no room, but a word below. */
function Board(props: { requests: readonly Request[] }) {
  const inState = (state: string) => props.requests.filter((r) => r.state === state);
  const none = OPEN_STATES.filter((state) => inState(state).length === 0);
  return (
    <>
      <div class="board" role="region" aria-label="Board by state">
        {OPEN_STATES.filter((state) => !none.includes(state)).map((state) => {
          const all = inState(state).sort(byLateness);
          return (
            <section key={state} aria-label={`${state}: ${all.length}`}>
              <h2>
                <StateBadge state={state} /> <span class="hint">{all.length}</span>
              </h2>
              <ul>
                {all.map((r) => (
                  <Card key={r.id} request={r} />
                ))}
              </ul>
            </section>
          );
        })}
      </div>
      {none.length > 0 && (
        <p class="hint no-one">
          None is
          {none.map((state) => (
            <StateBadge key={state} state={state} />
          ))}
        </p>
      )}
    </>
  );
}

/* ---- the table ------------------------------------------------------------ */

const columns: Column<Request>[] = [
  {
    name: "id",
    title: "Request",
    by: (r) => r.id,
    cell: (r) => <A href={`/requests/${r.id}`}>{r.id}</A>,
  },
  {
    name: "domain",
    title: "Domain",
    by: (r) => r.domain,
    cell: (r) => <A href={`/requests/${r.id}`}>{name(r)}</A>,
  },
  {
    name: "partner",
    title: "Partner ID",
    by: (r) => `${r.partner ?? ""} ${r.openedBy}`,
    cell: (r) => (
      <>
        {r.partner ?? <span class="hint">not said</span>}
        <span class="hint wait-side">{r.openedBy}</span>
      </>
    ),
  },
  {
    name: "state",
    title: "State",
    by: (r) => [...OPEN_STATES, ...CLOSED_STATES].indexOf(r.state),
    cell: (r) => <StateBadge state={r.state} />,
  },
  {
    name: "waits",
    title: "Waits for",
    long: true,
    by: (r) => `${r.waits.late ? 0 : 1} ${r.waits.since ?? ""}`,
    cell: (r) => <WaitsFor request={r} />,
  },
  {
    name: "start",
    title: "Start",
    by: (r) => r.start,
    whole: true,
    cell: (r) => (r.start ? calendarDay(r.start) : <span class="hint">no day yet</span>),
  },
  {
    name: "changed",
    title: "Last change",
    by: (r) => r.changed,
    cell: (r) => <Time at={r.changed} short />,
  },
];

/* ---- the page ------------------------------------------------------------- */

const filters: readonly (readonly [string, string])[] = [
  ["", "all that are open"],
  ...OPEN_STATES.map((s) => [s, s] as const),
  ["closed", "those that are over"],
  ...CLOSED_STATES.map((s) => [s, s] as const),
];

const asked = (state: string) =>
  state === ""
    ? OPEN_STATES.join()
    : state === "closed"
      ? CLOSED_STATES.join()
      : state;

export function Requests() {
  const [view, setView] = useQuery("view", "board");
  const [state, setState] = useQuery("state");
  const [late, setLate] = useQuery("late");
  const table = view === "table";
  const got = useGet<List<Request>>("/requests", {
    query: {
      state: table ? asked(state) : OPEN_STATES.join(),
      sort: "-changed",
      limit: MOST,
    },
    on: ["request"],
  });
  return (
    <Page
      title="Requests"
      actions={
        <>
          <Button onClick={() => setView(table ? "board" : "table")}>
            {table ? "As a board" : "As a table"}
          </Button>
          <Button
            aria-pressed={late !== ""}
            onClick={() => setLate(late === "" ? "1" : "")}
          >
            {late === "" ? "Overdue alone" : "All, not only overdue"}
          </Button>
        </>
      }
    >
      <Shown got={got} what="requests" lines={8}>
        {(list) => {
          const shown = list.items.filter((r) => late === "" || r.waits.late);
          const overdue = list.items.filter((r) => r.waits.late).length;
          return (
            <>
              <p class="hint" role="status">
                {several(list.items.length, "request")}
                {overdue > 0 && `, ${overdue} overdue`}
                {list.next !== null &&
                  `; these are the ${MOST} that changed last: choose a state to see others`}
              </p>
              {table && (
                <label class="choice">
                  State{" "}
                  <select
                    value={state}
                    onChange={(e) => setState(e.currentTarget.value)}
                  >
                    {filters.map(([key, text]) => (
                      <option key={key} value={key}>
                        {text}
                      </option>
                    ))}
                  </select>
                </label>
              )}
              {shown.length === 0 && !table ? (
                <Empty
                  title={late ? "Nothing is overdue" : "No request is open"}
                  hint={
                    late
                      ? undefined
                      : "They come by mail to the desk's address, and from the portal."
                  }
                />
              ) : table ? (
                <Table
                  caption="requests"
                  rows={shown}
                  columns={columns}
                  rowKey={(r) => r.id}
                  text={(r) =>
                    `${r.id} ${r.domain} ${r.partner} ${r.openedBy} ${r.state}`
                  }
                  sort="waits"
                  empty={
                    <Empty
                      title="None in this state"
                      hint="Choose another one above."
                    />
                  }
                />
              ) : (
                <Board requests={shown} />
              )}
            </>
          );
        }}
      </Shown>
    </Page>
  );
}
