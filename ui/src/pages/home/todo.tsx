// What does not go on before an operator has done something, each as a tile
// that leads there.  Nothing else is among them: what waits for a partner, or
// for its turn, is no work of ours.
import type { List } from "../../api";
import { A, Empty, Fault } from "../../parts";
import type { Health, Worker } from "../../types/fleet";
import { useGet, useNow, type Got } from "../../use";
import type { Tone } from "../../words";
import { isGone, useAgain } from "../fleet/words";
import { MOST, type MigrationLine, type RequestLine } from "./lines";

export interface Task {
  key: string;
  n: number;
  tone: Tone;
  title: string;
  hint: string;
  href: string;
}

/** What keeps the service from doing its work. */
function ofTheService(health: Health | undefined): Task[] {
  if (health === undefined || health.database.writable) return [];
  const { reason, remedy } = health.database;
  return [
    {
      key: "database",
      n: 1,
      tone: "bad",
      title: "database that cannot be written",
      hint: [reason, remedy].filter((s) => s !== null).join("; "),
      href: "/settings?tab=configuration",
    },
  ];
}

/** Letters and mails. */
function ofTheDesk(tray: number, stuck: number): Task[] {
  return [
    {
      key: "tray",
      n: tray,
      tone: "waiting",
      title: "in the tray",
      hint: "mails that could not be placed",
      href: "/tray",
    },
    {
      key: "stuck",
      n: stuck,
      tone: "bad",
      title: "did not go out",
      hint: "letters that failed, or may not have arrived",
      href: "/tray?tab=out",
    },
  ];
}

/** By what an operator has to do, and those whose time is over. */
export function ofRequests(requests: readonly RequestLine[]): Task[] {
  const by = new Map<string, RequestLine[]>();
  for (const r of requests) {
    const { remedy } = r.waits;
    if (remedy !== null) by.set(remedy, [...(by.get(remedy) ?? []), r]);
  }
  const late = requests.filter((r) => r.waits.late).length;
  const tasks = [...by].map(([remedy, all]): Task => ({
    key: remedy,
    n: all.length,
    tone: "warn",
    title: "for an operator",
    hint: `waiting for ${all[0]?.waits.text}: ${remedy}`,
    href: `/requests/${all[0]?.id}`,
  }));
  tasks.push({
    key: "late",
    n: late,
    tone: "warn",
    title: "overdue",
    hint: "requests that take longer than they should",
    href: "/requests?late=1",
  });
  return tasks;
}

/** States of mailboxes that nobody but an operator leads out of. */
const ENDED_BADLY = ["failed", "completed with failures"] as const;

export function ofMigrations(migrations: readonly MigrationLine[]): Task[] {
  return migrations.flatMap((m) =>
    ENDED_BADLY.map((state): Task => ({
      key: `${m.id} ${state}`,
      n: m.states[state] ?? 0,
      tone: state === "failed" ? "bad" : "warn",
      title: state,
      hint: `mailboxes of ${m.name}`,
      href: `/migrations/${m.id}?state=${encodeURIComponent(state)}`,
    })),
  );
}

/** Whether there is anybody who takes what is queued. */
export function ofTheFleet(
  workers: readonly Worker[],
  migrations: readonly MigrationLine[],
  now: number,
): Task[] {
  const gone = workers.filter((w) => isGone(w, now));
  const hands = workers.filter((w) => !isGone(w, now) && !w.draining && w.atOnce > 0);
  const queued = migrations.reduce((n, m) => n + (m.jobs["queued"] ?? 0), 0);
  return [
    {
      key: "nobody",
      n: hands.length === 0 ? queued : 0,
      tone: "bad",
      title: "queued, and nobody works",
      hint: "no worker lives that takes a mailbox",
      href: "/fleet",
    },
    {
      key: "gone",
      n: gone.length,
      tone: "warn",
      title: gone.length === 1 ? "worker is gone" : "workers are gone",
      hint: "not seen for two minutes; others take their mailboxes over",
      href: "/fleet",
    },
  ];
}

/** What is asked for, beside what the page has for other parts of it. */
export function useLists() {
  const tray = useGet<List<unknown>>("/tray", {
    query: { limit: MOST },
    on: ["request", "audit"],
  });
  const stuck = useGet<List<unknown>>("/outbox", {
    query: { state: "failed,unsure", limit: MOST },
    on: ["request"],
  });
  const prices = useGet<{ list: unknown }>("/price-list");
  const workers = useGet<{ items: Worker[] }>("/workers", { on: ["job", "audit"] });
  const health = useGet<Health>("/health");
  useAgain(health.again);
  return { tray, stuck, prices, workers, health };
}

export function ToDo(props: {
  requests: Got<List<RequestLine>>;
  migrations: Got<List<MigrationLine>>;
  lists: ReturnType<typeof useLists>;
}) {
  const now = useNow();
  const { requests, migrations } = props;
  const { tray, stuck, prices, workers, health } = props.lists;
  const broken = [requests, migrations, tray, stuck, prices, workers, health].find(
    (got) => got.problem !== undefined,
  );
  const moved = migrations.data?.items ?? [];
  const tasks: Task[] = [
    ...ofTheService(health.data),
    ...ofMigrations(moved),
    ...ofTheFleet(workers.data?.items ?? [], moved, now),
    ...ofRequests(requests.data?.items ?? []),
    ...ofTheDesk(tray.data?.items.length ?? 0, stuck.data?.items.length ?? 0),
    {
      key: "prices",
      n: prices.data?.list === null ? 1 : 0,
      tone: "warn",
      title: "missing: the price list",
      hint: "requests are not quoted without one",
      href: "/settings?tab=prices",
    },
  ];
  return (
    <>
      {broken?.problem && <Fault problem={broken.problem} again={broken.again} />}
      <Tasks tasks={tasks.filter((t) => t.n > 0)} known={broken === undefined} />
    </>
  );
}

const worst: readonly Tone[] = ["bad", "warn", "waiting"];

function Tasks({ tasks, known }: { tasks: Task[]; known: boolean }) {
  if (tasks.length === 0) {
    return known ? (
      <Empty
        title="Nothing"
        hint="Tray and outbox are empty, no mailbox has failed, and somebody works."
      />
    ) : null;
  }
  const first = [...tasks].sort((a, b) => worst.indexOf(a.tone) - worst.indexOf(b.tone));
  return (
    <ul class="tiles">
      {first.map((t) => (
        <li key={t.key}>
          <A href={t.href}>
            <strong>{t.n}</strong> <span class={`badge ${t.tone}`}>{t.title}</span>
            <span class="hint">{t.hint}</span>
          </A>
        </li>
      ))}
    </ul>
  );
}
