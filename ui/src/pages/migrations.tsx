// All migrations: where each stands, and when it will be done.
import { all } from "../api";
import { A, Empty, Meter, Page, Shown, StateBadge, Table, Time } from "../parts";
import { doneOf, moving, type Migration } from "../types/migrations";
import { isStaff, problemOf, useAfterEvents, useSession, type Got } from "../use";
import { count, several } from "../words";
import { useEffect, useReducer, useState } from "preact/hooks";

/** A migration's state in one word, by what its jobs and mailboxes are. */
export function stateOf(m: Migration): string {
  if ((m.jobs["running"] ?? 0) > 0) return "running";
  if ((m.jobs["queued"] ?? 0) > 0) return "queued";
  if ((m.jobs["paused"] ?? 0) > 0) return "paused";
  if ((m.states["failed"] ?? 0) > 0) return "failed";
  if (m.mailboxes > 0 && doneOf(m) === m.mailboxes) return "completed";
  return "idle";
}

/** All pages of it, asked for again when something happens. */
function useMigrations(): Got<Migration[]> {
  const [data, set] = useState<Migration[] | undefined>(undefined);
  const [problem, fail] = useState<Got<Migration[]>["problem"]>(undefined);
  const [round, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const stop = new AbortController();
    all<Migration>("/migrations", { sort: "-id", limit: 500 }, 50_000, stop.signal).then(
      (list) => {
        set(list);
        fail(undefined);
      },
      (cause: unknown) => {
        if (!stop.signal.aborted) fail(problemOf(cause));
      },
    );
    return () => stop.abort();
  }, [round]);
  useAfterEvents(["migration", "mailbox", "job"], () => again(undefined));
  return { data, problem, busy: false, version: undefined, again: () => again(undefined) };
}

const failed = (m: Migration) =>
  (m.states["failed"] ?? 0) + (m.states["completed with failures"] ?? 0);

export function Migrations() {
  const who = useSession();
  const got = useMigrations();
  return (
    <Page
      title="Migrations"
      actions={
        isStaff(who) && (
          <A class="button main" href="/migrations/add">
            New migration
          </A>
        )
      }
    >
      <Shown got={got} what="migrations" lines={6}>
        {(rows) => (
          <Table
            caption="migrations"
            rows={rows}
            rowKey={(m) => m.id}
            sort="-created"
            text={(m) => `${m.name} ${m.source.url ?? ""} ${m.destination.url ?? ""} ${stateOf(m)}`}
            empty={
              <Empty
                title="No migrations yet"
                hint="An approved request makes one by itself; an operator can make one of an import file."
              />
            }
            columns={[
              {
                name: "name",
                title: "Migration",
                by: (m) => m.name,
                cell: (m) => <A href={`/migrations/${m.id}`}>{m.name}</A>,
              },
              {
                name: "state",
                title: "State",
                by: stateOf,
                cell: (m) => <StateBadge state={stateOf(m)} />,
              },
              {
                name: "done",
                title: "Mailboxes done",
                whole: true,
                by: (m) => doneOf(m) / Math.max(1, m.mailboxes),
                cell: (m) => (
                  <>
                    <Meter
                      value={doneOf(m)}
                      of={m.mailboxes}
                      label={`${count(doneOf(m))} of ${several(m.mailboxes, "mailbox", "mailboxes")} done`}
                    />
                    {count(doneOf(m))} of {count(m.mailboxes)}
                  </>
                ),
              },
              {
                name: "failed",
                title: "With failures",
                number: true,
                by: failed,
                cell: (m) => count(failed(m)),
              },
              {
                name: "end",
                title: "Done by, in nine of ten cases",
                by: (m) => (moving(m) > 0 ? m.forecast?.p90 : ""),
                cell: (m) =>
                  moving(m) > 0 ? (
                    <Time at={m.forecast?.p90} none="not known yet" />
                  ) : (
                    <span class="hint">nothing is to come</span>
                  ),
              },
              {
                name: "created",
                title: "Made",
                whole: true,
                by: (m) => m.created,
                cell: (m) => <Time at={m.created} short />,
              },
            ]}
          />
        )}
      </Shown>
    </Page>
  );
}
