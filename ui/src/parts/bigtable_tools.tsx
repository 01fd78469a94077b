// Above a BigTable's rows: what filters them, and the heads that sort them.
import { count } from "../words";
import { Button } from "./basics";
import type { BigColumn } from "./bigtable";

export function statesOf<T>(rows: readonly T[], state: (row: T) => string) {
  const by = new Map<string, number>();
  for (const row of rows) by.set(state(row), (by.get(state(row)) ?? 0) + 1);
  return [...by].sort((a, b) => b[1] - a[1]);
}

export function Filters(props: {
  caption: string;
  find: string;
  setFind: (to: string) => void;
  state: string;
  setState: (to: string) => void;
  states: [string, number][];
  shown: number;
  of: number;
  marked: number;
  onClear: () => void;
}) {
  const { caption, state } = props;
  const known = state === "" || props.states.some(([s]) => s === state);
  return (
    <div class="table-tools">
      <input
        type="search"
        value={props.find}
        placeholder={`Find in ${caption}`}
        aria-label={`Find in ${caption}`}
        onInput={(e) => props.setFind(e.currentTarget.value)}
      />
      <select
        aria-label="State"
        value={state}
        onChange={(e) => props.setState(e.currentTarget.value)}
      >
        <option value="">all states</option>
        {props.states.map(([name, n]) => (
          <option key={name} value={name}>
            {name} ({count(n)})
          </option>
        ))}
        {!known && <option value={state}>{state} (0)</option>}
      </select>
      <span class="hint" role="status">
        {props.shown === props.of
          ? `${count(props.of)} ${caption}`
          : `${count(props.shown)} of ${count(props.of)} ${caption}`}
        {props.marked > 0 && `, ${count(props.marked)} marked`}
      </span>
      {props.marked > 0 && (
        <Button kind="quiet" onClick={props.onClear}>
          Take marks away
        </Button>
      )}
    </div>
  );
}

export function Head<T>(props: {
  column: BigColumn<T>;
  sort: string;
  onSort: (to: string) => void;
}) {
  const { column, sort } = props;
  const up = sort === column.name;
  const down = sort === `-${column.name}`;
  return (
    <div
      role="columnheader"
      class={column.number ? "number" : undefined}
      aria-sort={up ? "ascending" : down ? "descending" : undefined}
    >
      {column.by ? (
        <button
          type="button"
          class="sort"
          onClick={() => props.onSort(up ? `-${column.name}` : column.name)}
        >
          {column.title}
          <span aria-hidden="true">{up ? " ↑" : down ? " ↓" : ""}</span>
        </button>
      ) : (
        column.title
      )}
    </div>
  );
}
