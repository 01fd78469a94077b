// What went on when, kept up to date: only what is new is asked for again.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { get, type Problem } from "./api";
import { problemOf } from "./use";
import type { History, Sample } from "./types/history";

/** Workers report every 20 s. */
const EVERY_MS = 20_000;
/** A sample that is still growing is taken to be at least so old. */
const LEAST_SECONDS = 20;

export interface HistoryGot {
  data: History | undefined;
  problem: Problem | undefined;
  again: () => void;
}

/** The newer ones in the place of those that they are of. */
function join(old: readonly Sample[], fresh: readonly Sample[]): Sample[] {
  const first = fresh[0];
  if (first === undefined) return [...old];
  return [...old.filter((s) => s.at < first.at), ...fresh];
}

/** Of a path below /api/v1; null: of nothing. */
export function useHistory(path: string | null): HistoryGot {
  const [got, set] = useState<{ of: string | null; data?: History; problem?: Problem }>({ of: null });
  const [round, setRound] = useState(0);
  const held = useRef<{ of: string; data: History } | undefined>(undefined);

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    const ask = async () => {
      const old = held.current?.of === path ? held.current.data : undefined;
      const since = old?.samples.at(-1)?.at;
      try {
        const fresh = await get<History>(path, { since }, stop.signal);
        const samples = join(old?.samples ?? [], fresh.samples);
        held.current = { of: path, data: { ...fresh, samples } };
        set({ of: path, data: held.current.data });
      } catch (cause) {
        if (stop.signal.aborted) return;
        set({ of: path, ...(old && { data: old }), problem: problemOf(cause) });
      }
    };
    void ask();
    const timer = setInterval(() => {
      if (!document.hidden) void ask();
    }, EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [path, round]);
  return {
    data: got.of === path ? got.data : undefined,
    problem: got.of === path ? got.problem : undefined,
    again: () => setRound((n) => n + 1),
  };
}

/* ---- as a plot has it ------------------------------------------------------ */

/** A sample, or the gap behind one: nothing is known to have gone on. */
export interface Point {
  /** Seconds since 1970. */
  at: number;
  sample: Sample | undefined;
  /** How long it is by now. */
  seconds: number;
}

const seconds = (at: string) => Date.parse(at) / 1000;

/** The one that still grows says too little of its span, and is left out. */
function whole(samples: readonly Sample[], now: number): readonly Sample[] {
  const last = samples.at(-1);
  const grows = last && seconds(last.at) + last.seconds > now;
  return grows && samples.length > 2 ? samples.slice(0, -1) : samples;
}

export function points(samples: readonly Sample[], now: number): Point[] {
  const all: Point[] = [];
  let end = 0;
  for (const sample of whole(samples, now)) {
    const at = seconds(sample.at);
    if (end !== 0 && at > end) all.push({ at: end, sample: undefined, seconds: 0 });
    const lasted = Math.max(LEAST_SECONDS, now - at);
    all.push({ at, sample, seconds: Math.min(sample.seconds, lasted) });
    end = at + sample.seconds;
  }
  return all;
}

export const usePoints = (samples: readonly Sample[]) =>
  useMemo(() => points(samples, Date.now() / 1000), [samples]);

/** One value of each; null in gaps. */
export function each(
  all: readonly Point[],
  value: (sample: Sample, point: Point) => number,
): (number | null)[] {
  return all.map((p) => (p.sample ? value(p.sample, p) : null));
}

/** Of a mean over the whole span: over what there is of it. */
export const mean = (n: number, p: Point) =>
  (n * (p.sample?.seconds ?? 0)) / Math.max(1, p.seconds);

export const backOffs = (all: readonly Point[]) =>
  all.flatMap((p) =>
    p.sample && p.sample.busy > 0
      ? [{ at: p.at, text: `${p.sample.busy} refused as busy` }]
      : [],
  );
