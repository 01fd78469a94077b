// Where one is: the URL says it all, so that it can be kept and sent.
import { useEffect, useState } from "preact/hooks";

/** The app's own addresses begin so. */
export const BASE = "/app";

type Listener = () => void;
const listeners = new Set<Listener>();

function moved(): void {
  listeners.forEach((tell) => tell());
}
addEventListener("popstate", moved);

/** Where a path of the app is: "/" is BASE itself, with its query, too. */
export const placeOf = (path: string) => BASE + path.replace(/^\/(?=\?|$)/, "");

/** Go to a path of the app, "/requests/7?tab=mails". */
export function go(path: string, replace = false): void {
  const to = placeOf(path);
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  moved();
  if (!replace) scrollTo(0, 0);
}

/** The path without BASE: "/", "/requests/7". */
export function pathNow(): string {
  const path = location.pathname;
  return path.startsWith(BASE) ? path.slice(BASE.length) || "/" : "/";
}

function useMoves<T>(read: () => T): T {
  const [now, set] = useState(read);
  useEffect(() => {
    const tell = () => set(read);
    listeners.add(tell);
    tell();
    return () => {
      listeners.delete(tell);
    };
  }, []);
  return now;
}

export function usePath(): string {
  return useMoves(pathNow);
}

function param(name: string): string | null {
  return new URLSearchParams(location.search).get(name);
}

/**
 * A piece of state that the URL holds.  Setting it to `otherwise` takes it out;
 * it replaces the entry in the history, as a filter is no place to go back to.
 */
export function useQuery(
  name: string,
  otherwise = "",
): [string, (to: string) => void] {
  const value = useMoves(() => param(name) ?? otherwise);
  return [
    value,
    (to) => {
      const all = new URLSearchParams(location.search);
      if (to === otherwise) all.delete(name);
      else all.set(name, to);
      const text = all.toString();
      go(pathNow() + (text === "" ? "" : `?${text}`), true);
    },
  ];
}

/** What an ":id" can be: any other would be asked for in vain, or as NaN. */
const ID = /^[1-9]\d{0,14}$/;

/** "/requests/:id" against "/requests/7": { id: "7" }; undefined: another. */
export function match(
  template: string,
  path: string,
): Record<string, string> | undefined {
  const wanted = template.split("/");
  const parts = path.split("/");
  const found: Record<string, string> = {};
  if (wanted.length !== parts.length) return undefined;
  for (const [i, part] of wanted.entries()) {
    const is = parts[i] ?? "";
    if (part === ":id" && !ID.test(is)) return undefined;
    if (part.startsWith(":")) {
      try {
        found[part.slice(1)] = decodeURIComponent(is);
      } catch {
        return undefined;
      }
    } else if (part !== is) return undefined;
  }
  return found;
}

/** A click on a link of ours stays in the app; anything else is the browser's. */
export function follow(event: MouseEvent): void {
  const plain =
    event.button === 0 &&
    !event.metaKey &&
    !event.ctrlKey &&
    !event.shiftKey &&
    !event.altKey;
  const link = (event.target as Element).closest("a");
  if (!plain || event.defaultPrevented || link === null) return;
  const here = link.origin === location.origin && link.target === "";
  const ours = link.pathname === BASE || link.pathname.startsWith(`${BASE}/`);
  if (!here || !ours || link.hasAttribute("download")) return;
  event.preventDefault();
  go((link.pathname.slice(BASE.length) || "/") + link.search);
}
