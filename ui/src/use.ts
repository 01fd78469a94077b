// Hooks: what the service says, as something a page can show.
import { createContext } from "preact";
import {
  useContext,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
} from "preact/hooks";

import { Problem, ask, type Query } from "./api";
import {
  linkNow,
  onEvents,
  onLink,
  type EventType,
  type Link,
  type LiveEvent,
} from "./events";

export { usePath, useQuery } from "./route";

/** Between two questions that events have caused. */
const APART_MS = 1000;

export interface Got<T> {
  data: T | undefined;
  /** Of the last attempt; data is then older than it could be. */
  problem: Problem | undefined;
  busy: boolean;
  /** For If-Match. */
  version: string | undefined;
  again: () => void;
}

interface Wish {
  query?: Query;
  /** Ask again when one of these comes. */
  on?: readonly EventType[];
  /** Of those only the ones that concern what is shown. */
  about?: (event: LiveEvent) => boolean;
}

/**
 * Ask for a path below /api/v1; null: for nothing.  While it asks again the
 * last answer stays, so that nothing jumps; another path begins empty.
 */
export function useGet<T>(path: string | null, wish: Wish = {}): Got<T> {
  const [got, set] = useState<Omit<Got<T>, "again"> & { of: string | null }>({
    of: null,
    data: undefined,
    problem: undefined,
    busy: path !== null,
    version: undefined,
  });
  const [round, again] = useReducer((n: number) => n + 1, 0);
  const query = JSON.stringify(wish.query ?? {});

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    set((old) => ({ ...(old.of === path ? old : empty), of: path, busy: true }));
    ask<T>("GET", path, undefined, {
      query: JSON.parse(query) as Query,
      signal: stop.signal,
    }).then(
      (answer) =>
        set({ of: path, problem: undefined, busy: false, ...answer }),
      (cause: unknown) => {
        if (stop.signal.aborted) return;
        const problem = problemOf(cause);
        set((old) => ({ ...old, problem, busy: false }));
      },
    );
    return () => stop.abort();
  }, [path, query, round]);

  useAfterEvents(path === null ? [] : (wish.on ?? []), again, wish.about);
  return got.of === path
    ? { ...got, again: () => again(undefined) }
    : { ...empty, busy: path !== null, again: () => again(undefined) };
}

const empty = {
  data: undefined,
  problem: undefined,
  busy: false,
  version: undefined,
};

/** Whatever was thrown, as something that can be shown. */
export function problemOf(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  return new Problem(0, { detail: String(cause) });
}

/** Hear events of these types for as long as the page is there. */
export function useEvents(
  types: readonly EventType[],
  hear: (event: LiveEvent) => void,
): void {
  const latest = useRef(hear);
  const key = types.join();
  useLayoutEffect(() => {
    latest.current = hear;
  });
  useEffect(
    () =>
      key === ""
        ? undefined
        : onEvents(key.split(",") as EventType[], (e) => latest.current(e)),
    [key],
  );
}

/** Do something after events, not more often than APART_MS. */
export function useAfterEvents(
  types: readonly EventType[],
  act: (nothing?: undefined) => void,
  about?: (event: LiveEvent) => boolean,
): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(0);
  useEvents(types, (event) => {
    if (event.type !== "reset" && about && !about(event)) return;
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        last.current = Date.now();
        act();
      },
      Math.max(0, last.current + APART_MS - Date.now()),
    );
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

export function useLink(): { link: Link; since: number } {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => onLink(() => draw(undefined)), []);
  return linkNow();
}

/** The time, told every so many ms, for what says "3 min ago". */
export function useNow(every = 30_000): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Whether a media query holds, told again when that changes. */
export function useMedia(query: string): boolean {
  const [holds, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const tell = () => set(media.matches);
    tell();
    media.addEventListener("change", tell);
    return () => media.removeEventListener("change", tell);
  }, [query]);
  return holds;
}

export interface Doing {
  busy: boolean;
  problem: Problem | undefined;
  /** Resolves to false where it failed; the problem is then to be shown. */
  run: (deed: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

/** One thing that is done at a time: a form that is sent, a button. */
export function useDoing(): Doing {
  const [now, set] = useState<{ busy: boolean; problem: Problem | undefined }>(
    { busy: false, problem: undefined },
  );
  const busy = useRef(false);
  return {
    ...now,
    run: async (deed) => {
      if (busy.current) return false;
      busy.current = true;
      set({ busy: true, problem: undefined });
      try {
        await deed();
        set({ busy: false, problem: undefined });
        return true;
      } catch (cause) {
        set({ busy: false, problem: problemOf(cause) });
        return false;
      } finally {
        busy.current = false;
      }
    },
    clear: () => set({ busy: false, problem: undefined }),
  };
}

export type Role = "admin" | "operator" | "primary" | "billing" | "technical";

export interface Session {
  name: string;
  role: Role;
  /** Of a contact; null of operators. */
  account: number | null;
  token: boolean;
}

export const SessionContext = createContext<{
  session: Session;
  leave: () => void;
} | null>(null);

/** Who is signed in; only for pages behind the sign-in. */
export function useSession(): Session {
  const held = useContext(SessionContext);
  if (held === null) throw new Error("nobody is signed in");
  return held.session;
}

export const isStaff = (s: Session) =>
  s.role === "admin" || s.role === "operator";
/** Whether they may ask for and approve what costs money. */
export const mayApprove = (s: Session) =>
  s.role === "primary" || s.role === "billing";
