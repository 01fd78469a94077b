// All pages of a list that belongs to a request, asked for again after events.
import { useEffect, useReducer, useState } from "preact/hooks";

import type { Problem } from "../../api";
import { problemOf, useAfterEvents } from "../../use";

interface Read<T> {
  data: T[] | undefined;
  problem: Problem | undefined;
}

/** request: of which events are heard; 0: of any request and mail. */
export function useAll<T>(
  read: (signal: AbortSignal) => Promise<T[]>,
  request: number,
): Read<T> & { again: () => void } {
  const [got, set] = useState<Read<T>>({ data: undefined, problem: undefined });
  const [round, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const stop = new AbortController();
    read(stop.signal).then(
      (data) => set({ data, problem: undefined }),
      (cause: unknown) => {
        if (stop.signal.aborted) return;
        set((old) => ({ ...old, problem: problemOf(cause) }));
      },
    );
    return () => stop.abort();
  }, [request, round]);
  useAfterEvents(
    ["request"],
    again,
    (event) => request === 0 || event.data["request"] === request,
  );
  return { ...got, again: () => again(undefined) };
}
