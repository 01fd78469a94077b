// What goes on by itself is asked for again now and then: what happens to a
// request is told by no event to its contacts.
import { useEffect, useRef } from "preact/hooks";

const EVERY_MS = 10_000;

export function useAgain(again: () => void, on: boolean): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") latest.current();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [on]);
}
