// A table of thousands of rows: only those in sight are drawn.  One stop of the
// keyboard's Tab, inside of which arrows move and mark; sorting and filtering
// in the URL; rows change in place, and their order follows now and then.
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";

import { useQuery } from "../use";
import { count } from "../words";
import { Empty } from "./basics";
import { Line, useRowHeight, type Hands } from "./bigtable_row";
import { Filters, Head, statesOf } from "./bigtable_tools";
import { order, type Column } from "./table";

/** Rows drawn beyond what is in sight, above and below. */
const MORE = 8;
/** As long the order stays while what it goes by changes. */
const HOLD_MS = 5000;

export interface BigColumn<T> extends Column<T> {
  /** A track of CSS's grid: "8rem", "minmax(12rem, 2fr)". */
  width: string;
}

export interface BigProps<T> {
  /** What the rows are: "mailboxes". */
  caption: string;
  rows: readonly T[];
  columns: readonly BigColumn<T>[];
  rowKey: (row: T) => number;
  /** How a row is called, for its box. */
  name: (row: T) => string;
  text: (row: T) => string;
  /** A row's state; the filter offers those that there are. */
  state: (row: T) => string;
  sort: string;
  /** Enter on a row. */
  onOpen: (row: T) => void;
  /** Without it nothing can be marked. */
  marked?: ReadonlySet<number>;
  onMarked?: (to: Set<number>) => void;
  /** Above the table, beside the filters. */
  tools?: preact.ComponentChildren;
}

/** The latest of what changes often, not oftener than every HOLD_MS. */
function useHeld<T>(latest: T, now: unknown): T {
  const [held, hold] = useState(latest);
  const newest = useRef(latest);
  newest.current = latest;
  useEffect(() => hold(() => latest), [now]);
  useEffect(() => {
    const timer = setInterval(() => hold(() => newest.current), HOLD_MS);
    return () => clearInterval(timer);
  }, []);
  return held;
}

/** Which rows are shown, in which order, by their keys. */
function useOrder<T>(props: BigProps<T>, sort: string, find: string, state: string) {
  const { rows, columns, rowKey, text } = props;
  const held = useHeld(rows, `${rows.length} ${sort} ${find} ${state}`);
  return useMemo(() => {
    const wanted = find.toLowerCase();
    const by = columns.find((c) => c.name === sort.replace(/^-/, ""))?.by;
    const found = held.filter(
      (row) =>
        (state === "" || props.state(row) === state) &&
        (wanted === "" || text(row).toLowerCase().includes(wanted)),
    );
    return order(found, by, sort.startsWith("-")).map(rowKey);
  }, [held, sort, find, state]);
}

/** What is in sight of the box that scrolls. */
function useSight() {
  const box = useRef<HTMLDivElement>(null);
  const [sight, set] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const node = box.current;
    if (node === null) return undefined;
    let asked = 0;
    const look = () => {
      asked = 0;
      set({ top: node.scrollTop, height: node.clientHeight });
    };
    const later = () => {
      if (asked === 0) asked = requestAnimationFrame(look);
    };
    const size = new ResizeObserver(later);
    size.observe(node);
    node.addEventListener("scroll", later, { passive: true });
    look();
    return () => {
      cancelAnimationFrame(asked);
      size.disconnect();
      node.removeEventListener("scroll", later);
    };
  }, []);
  return { box, ...sight };
}

/** Of the keys from one to another, in the order shown. */
function between(keys: readonly number[], a: number, b: number): number[] {
  const from = keys.indexOf(a);
  const to = keys.indexOf(b);
  if (from < 0 || to < 0) return [b];
  return keys.slice(Math.min(from, to), Math.max(from, to) + 1);
}

export function BigTable<T>(props: BigProps<T>) {
  const { columns, rows, rowKey, marked, onMarked, caption } = props;
  const id = useId();
  const [sort, setSort] = useQuery("sort", props.sort);
  const [find, setFind] = useQuery("find");
  const [state, setState] = useQuery("state");
  const keys = useOrder(props, sort, find, state);
  const byKey = useMemo(
    () => new Map(rows.map((row) => [rowKey(row), row])),
    [rows],
  );
  const states = useMemo(() => statesOf(rows, props.state), [rows]);
  const { box, top, height } = useSight();
  const high = useRowHeight();
  const [active, setActive] = useState<number | undefined>(undefined);
  const anchor = useRef<number | undefined>(undefined);
  const at = active === undefined ? -1 : keys.indexOf(active);

  const first = Math.max(0, Math.floor(top / high) - MORE);
  const last = Math.min(keys.length, Math.ceil((top + height) / high) + MORE);

  function show(index: number): void {
    const node = box.current;
    if (node === null) return;
    // the head covers up to one row's height of what is in sight
    const above = index * high;
    const below = above + 2 * high - node.clientHeight;
    if (node.scrollTop > above) node.scrollTop = above;
    else if (node.scrollTop < below) node.scrollTop = below;
  }

  function mark(key: number, reach: boolean): void {
    if (marked === undefined || onMarked === undefined) return;
    const to = new Set(marked);
    if (reach && anchor.current !== undefined) {
      between(keys, anchor.current, key).forEach((k) => to.add(k));
    } else {
      if (to.has(key)) to.delete(key);
      else to.add(key);
      anchor.current = key;
    }
    onMarked(to);
  }

  function move(to: number, reach: boolean): void {
    if (keys.length === 0) return;
    const index = Math.max(0, Math.min(keys.length - 1, to));
    const key = keys[index];
    if (key === undefined) return;
    if (reach && anchor.current === undefined) anchor.current = active ?? key;
    if (reach && marked && onMarked && anchor.current !== undefined) {
      onMarked(new Set([...marked, ...between(keys, anchor.current, key)]));
    } else if (!reach) {
      anchor.current = key;
    }
    setActive(key);
    show(index);
  }

  function onKey(e: KeyboardEvent): void {
    if (e.target !== e.currentTarget) return;
    const page = Math.max(1, Math.floor(height / high) - 2);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: Math.max(0, at - 1),
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: keys.length - 1,
    };
    const to = steps[e.key];
    const row = active === undefined ? undefined : byKey.get(active);
    if (to !== undefined) move(to, e.shiftKey);
    else if (e.key === " " && active !== undefined) mark(active, e.shiftKey);
    else if (e.key === "Enter" && row !== undefined) props.onOpen(row);
    else if (e.key === "Escape" && marked?.size) onMarked?.(new Set());
    else if (e.key === "a" && (e.ctrlKey || e.metaKey)) onMarked?.(new Set(keys));
    else return;
    e.preventDefault();
  }

  const tracks = [...(marked ? ["2.5rem"] : []), ...columns.map((c) => c.width)];
  const all = useMemo(
    () => marked !== undefined && keys.length > 0 && keys.every((k) => marked.has(k)),
    [keys, marked],
  );
  const now: Hands<T> = {
    name: props.name,
    open: props.onOpen,
    click: (key, inBox, reach) => {
      setActive(key);
      if (inBox || reach) mark(key, reach);
    },
  };
  const hands = useRef(now);
  hands.current = now;

  return (
    <div class="bigtable">
      <Filters
        {...{ caption, find, setFind, state, setState }}
        states={states}
        shown={keys.length}
        of={rows.length}
        marked={marked?.size ?? 0}
        onClear={() => onMarked?.(new Set())}
      />
      {props.tools}
      <div
        ref={box}
        class="bigtable-box"
        role="grid"
        tabIndex={0}
        aria-label={caption}
        aria-rowcount={keys.length + 1}
        aria-colcount={tracks.length}
        aria-multiselectable={marked !== undefined}
        aria-activedescendant={
          at >= first && at < last ? `${id}-${active}` : undefined
        }
        aria-describedby={`${id}-keys`}
        // no higher than its rows, its head and its edges
        style={{
          maxHeight: `min(60rem, ${(keys.length + 1) * high + 2}px)`,
          "--tracks": tracks.join(" "),
        }}
        onKeyDown={onKey}
        onFocus={(e) => {
          if (e.target === e.currentTarget && at < 0) move(first === 0 ? 0 : first + MORE, false);
        }}
      >
        <div class="bigtable-head" role="rowgroup">
          <div class="bigtable-row" role="row" aria-rowindex={1}>
            {marked && (
              <div role="columnheader" class="box">
                <input
                  type="checkbox"
                  tabIndex={-1}
                  aria-label={`Mark all ${count(keys.length)} ${caption} shown`}
                  checked={all}
                  onChange={() => onMarked?.(new Set(all ? [] : keys))}
                />
              </div>
            )}
            {columns.map((c) => (
              <Head key={c.name} column={c} sort={sort} onSort={setSort} />
            ))}
          </div>
        </div>
        <div class="bigtable-body" role="rowgroup" style={{ height: `${keys.length * high}px` }}>
          {keys.slice(first, last).map((key, i) => {
            const row = byKey.get(key);
            if (row === undefined) return null;
            return (
              <Line
                key={key}
                id={`${id}-${key}`}
                of={key}
                index={first + i}
                active={key === active}
                marked={marked?.has(key)}
                {...{ row, columns, high, hands }}
              />
            );
          })}
        </div>
      </div>
      {keys.length === 0 && (
        <Empty title={`No ${caption} like that`} hint="Nothing is hidden but by these filters." />
      )}
      <p class="hint bigtable-keys" id={`${id}-keys`}>
        By keyboard: arrows, Page Up and Down, Home and End move; Enter opens
        {marked ? "; Space marks, with Shift all between, Ctrl+A all that are shown; Escape takes marks away." : "."}
      </p>
    </div>
  );
}
