// What the pages of the fleet have in common.
import { useEffect, useRef } from "preact/hooks";

import type { Host, Load, Worker } from "../../types/fleet";

/** Beside events: what workers find is told by no event. */
const EVERY_MS = 10_000;
/** A worker that was not seen for so long is taken for gone. */
const GONE_MS = 120_000;

/** Ask again now and then, while somebody looks. */
export function useAgain(again: () => void): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}

export const isGone = (w: Worker, now: number) =>
  now - Date.parse(w.seen) > GONE_MS;

export function workerState(w: Worker, now: number): string {
  if (isGone(w, now)) return "gone";
  if (w.draining) return "draining";
  return w.running > 0 ? "at work" : "idle";
}

const latest = (times: (string | null)[]) =>
  times.reduce((a, b) => (b !== null && (a === null || b > a) ? b : a), null);

/** Until when; null: it is not. */
export const backsOff = (h: Host) => latest(h.workers.map((l) => l.backOffUntil));
export const isQuiet = (h: Host) => latest(h.workers.map((l) => l.quietUntil));

export const sum = (h: Host, of: (l: Load) => number) =>
  h.workers.reduce((n, l) => n + of(l), 0);

export function hostState(h: Host): string {
  if (isQuiet(h) !== null) return "quiet hours";
  if (backsOff(h) !== null) return "backing off";
  return sum(h, (l) => l.inFlight + l.waiting) > 0 ? "in use" : "idle";
}

export const hostPath = (name: string) => `/hosts/${encodeURIComponent(name)}`;
