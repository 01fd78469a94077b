// Parts of a page one at a time; which one is in the URL.
import type { ComponentChildren } from "preact";

import { useQuery } from "../use";
import { count } from "../words";

export interface Tab {
  name: string;
  title: string;
  /** Beside the title. */
  count?: number;
  body: () => ComponentChildren;
}

export function Tabs(props: { tabs: readonly Tab[]; param?: string }) {
  const first = props.tabs[0]?.name ?? "";
  const param = props.param ?? "tab";
  const [now, set] = useQuery(param, first);
  const shown = props.tabs.find((t) => t.name === now) ?? props.tabs[0];
  const step = (by: number) => {
    const at = props.tabs.findIndex((t) => t.name === shown?.name);
    const to = props.tabs[(at + by + props.tabs.length) % props.tabs.length];
    if (to === undefined) return;
    set(to.name);
    document.getElementById(`${param}-${to.name}`)?.focus();
  };
  return (
    <div class="tabs">
      <div
        role="tablist"
        onKeyDown={(e) => {
          if (e.key === "ArrowRight") step(1);
          if (e.key === "ArrowLeft") step(-1);
        }}
      >
        {props.tabs.map((t) => (
          <button
            key={t.name}
            id={`${param}-${t.name}`}
            type="button"
            role="tab"
            aria-selected={t === shown}
            aria-controls={`${param}-shown`}
            tabIndex={t === shown ? 0 : -1}
            onClick={() => set(t.name)}
          >
            {t.title}
            {t.count !== undefined && <span class="count">{count(t.count)}</span>}
          </button>
        ))}
      </div>
      <div
        id={`${param}-shown`}
        role="tabpanel"
        tabIndex={-1}
        aria-labelledby={`${param}-${shown?.name}`}
      >
        {shown?.body()}
      </div>
    </div>
  );
}
