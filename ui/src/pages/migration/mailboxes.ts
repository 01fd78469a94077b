// All mailboxes of a migration, read in pages and then kept by events: what a
// row says changes in place, and ten thousand of them are asked for once.
import { useEffect, useMemo, useReducer, useRef } from "preact/hooks";

import { get, type List, type Problem } from "../../api";
import type { LiveEvent } from "../../events";
import type { Mailbox } from "../../types/migrations";
import { problemOf, useEvents } from "../../use";

const PAGE = 500;
/** As many are asked for one by one; of more all are read anew. */
const SINGLY = 20;
/** Events are gathered for so long before anything is drawn. */
const GATHER_MS = 500;
/** A rate is of at least so long. */
const RATE_MS = 5000;

interface Pace {
  lease: number;
  /** What the lease's first word said; what came since is new to the row. */
  first: number;
  at: number;
  bytes: number;
  rate: number | undefined;
}

/** A mailbox as a row of the table. */
export interface Row extends Mailbox {
  /** Items that need no more looking at, by now. */
  done: number;
  /** Bytes an hour, while it runs. */
  rate: number | undefined;
}

function rowOf(m: Mailbox): Row {
  return { ...m, done: Math.max(0, m.items - m.waiting), rate: m.pace?.bytesAnHour };
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
const number = (value: unknown) => (typeof value === "number" ? value : 0);

/** Everything about the rows that no drawing needs. */
class Rows {
  byId = new Map<number, Row>();
  paces = new Map<number, Pace>();
  /** Of which more has changed than the event says. */
  stale = new Set<number>();

  take(list: readonly Mailbox[]): void {
    for (const m of list) {
      this.byId.set(m.id, rowOf(m));
      this.paces.delete(m.id);
    }
  }

  only(ids: ReadonlySet<number>): void {
    for (const id of this.byId.keys()) if (!ids.has(id)) this.byId.delete(id);
  }

  /** False: it is about nothing here. */
  hear(event: LiveEvent): boolean {
    const id = number(event.data["mailbox"]);
    const row = this.byId.get(id);
    if (row === undefined) return false;
    if (event.type === "progress") this.byId.set(id, this.progress(row, event.data));
    if (event.type === "mailbox") {
      this.byId.set(id, { ...row, state: text(event.data["state"]) ?? row.state });
    }
    if (event.type === "job") this.stale.add(id);
    return true;
  }

  progress(row: Row, data: Record<string, unknown>): Row {
    const lease = number(data["lease"]);
    const copied = number(data["copied"]);
    const bytes = number(data["bytes"]);
    const now = Date.now();
    const pace = this.paces.get(row.id);
    if (pace === undefined || pace.lease !== lease) {
      this.paces.set(row.id, { lease, first: copied, at: now, bytes, rate: undefined });
      return row;
    }
    if (now - pace.at >= RATE_MS) {
      pace.rate = ((bytes - pace.bytes) * 3_600_000) / (now - pace.at);
      pace.at = now;
      pace.bytes = bytes;
    }
    const done = Math.max(0, row.items - row.waiting) + copied - pace.first;
    return { ...row, done: Math.min(row.items, done), rate: pace.rate ?? row.rate };
  }
}

export interface Mailboxes {
  rows: readonly Row[];
  /** All pages have been read at least once. */
  whole: boolean;
  problem: Problem | undefined;
  again: () => void;
}

interface Now {
  rows: readonly Row[];
  whole: boolean;
  problem: Problem | undefined;
}

export function useMailboxes(migration: number): Mailboxes {
  const all = useMemo(() => new Rows(), [migration]);
  const [now, set] = useReducer(
    (old: Now, change: Partial<Now>): Now => ({ ...old, ...change }),
    { rows: [], whole: false, problem: undefined },
  );
  const [round, again] = useReducer((n: number) => n + 1, 0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const draw = () => set({ rows: [...all.byId.values()] });

  useEffect(() => {
    const stop = new AbortController();
    readAll(migration, all, stop.signal, draw).then(
      () => set({ whole: true, problem: undefined, rows: [...all.byId.values()] }),
      (cause: unknown) => {
        if (!stop.signal.aborted) set({ problem: problemOf(cause) });
      },
    );
    return () => stop.abort();
  }, [migration, round]);

  async function catchUp(): Promise<void> {
    timer.current = undefined;
    const stale = [...all.stale];
    all.stale.clear();
    if (stale.length > SINGLY) again(undefined);
    else {
      const found = await Promise.allSettled(
        stale.map((id) => get<Mailbox>(`/mailboxes/${id}`)),
      );
      all.take(found.flatMap((f) => (f.status === "fulfilled" ? [f.value] : [])));
    }
    draw();
  }

  useEvents(["progress", "mailbox", "job", "migration"], (event) => {
    const mine = number(event.data["migration"]) === migration;
    if (event.type === "reset" || (event.type === "migration" && mine)) {
      again(undefined);
    } else if (all.hear(event)) {
      timer.current ??= setTimeout(() => void catchUp(), GATHER_MS);
    }
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return { ...now, again: () => again(undefined) };
}

async function readAll(
  migration: number,
  all: Rows,
  signal: AbortSignal,
  draw: () => void,
): Promise<void> {
  const seen = new Set<number>();
  const first = all.byId.size === 0;
  let after: string | undefined;
  do {
    const page: List<Mailbox> = await get(
      `/migrations/${migration}/mailboxes`,
      { limit: PAGE, after },
      signal,
    );
    all.take(page.items);
    page.items.forEach((m) => seen.add(m.id));
    after = page.next ?? undefined;
    if (first) draw();
  } while (after !== undefined);
  all.only(seen);
}
