// A table of rows that are all there: sorted and filtered here, state in the
// URL.  What has thousands of rows is BigTable's.  On a phone each row is a card
// that names its columns; the roles are told, as some browsers take those of a
// table away with its layout.
import type { ComponentChildren } from "preact";

import { several } from "../words";
import { useQuery } from "../use";
import { Empty } from "./basics";

export interface Column<T> {
  name: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** What it is sorted by; without it it is not. */
  by?: (row: T) => string | number | null | undefined;
  /** Numbers stand to the right. */
  number?: boolean;
  /** What it says is not broken into lines. */
  whole?: boolean;
  /** Text from outside, however long: it has the room that is left. */
  long?: boolean;
}

const kindOf = (c: Pick<Column<never>, "number" | "whole" | "long">) =>
  c.number ? "number" : c.whole ? "whole" : c.long ? "long" : undefined;

const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" })
  .compare;

export function order<T>(rows: readonly T[], by: Column<T>["by"], down: boolean): T[] {
  if (by === undefined) return [...rows];
  const sorted = rows.map((row) => ({ row, key: by(row) ?? "" }));
  sorted.sort((a, b) => {
    const way =
      typeof a.key === "number" && typeof b.key === "number"
        ? a.key - b.key
        : compare(String(a.key), String(b.key));
    return down ? -way : way;
  });
  return sorted.map((s) => s.row);
}

/** Rows that are seen at one glance; more of them can be filtered. */
const GLANCE = 8;

/** What a row says, as far as it is sorted by. */
function wordsOf<T>(row: T, columns: readonly Column<T>[]): string {
  return columns.map((c) => c.by?.(row) ?? "").join(" ");
}

/** "name" rises, "-name" falls. */
export function SortHead<T>(props: {
  column: Column<T>;
  sort: string;
  onSort: (to: string) => void;
}) {
  const { column, sort } = props;
  const now =
    sort === column.name ? "ascending" : sort === `-${column.name}` ? "descending" : undefined;
  return (
    <th
      scope="col"
      role="columnheader"
      class={column.number ? "number" : undefined}
      aria-sort={now}
    >
      {column.by ? (
        <button
          type="button"
          class="sort"
          onClick={() =>
            props.onSort(now === "ascending" ? `-${column.name}` : column.name)
          }
        >
          {column.title}
          <span aria-hidden="true">
            {now === "ascending" ? " ↑" : now === "descending" ? " ↓" : ""}
          </span>
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

export function Table<T>(props: {
  /** What the rows are: "accounts". */
  caption: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string | number;
  /** The text that a filter looks into, however few they are; without it what
   * the columns sort by. */
  text?: (row: T) => string;
  /** At first: "name" or "-name". */
  sort?: string;
  /** Distinguishes tables of one page in the URL. */
  param?: string;
  empty?: ComponentChildren;
}) {
  const name = (n: string) => (props.param ? `${props.param}-${n}` : n);
  const [sort, setSort] = useQuery(name("sort"), props.sort ?? "");
  const [filter, setFilter] = useQuery(name("find"));
  const by = props.columns.find((c) => c.name === sort.replace(/^-/, ""))?.by;
  const wanted = filter.toLowerCase();
  const text = props.text ?? ((row: T) => wordsOf(row, props.columns));
  const found = props.rows.filter((r) => text(r).toLowerCase().includes(wanted));
  const filters = props.text !== undefined || props.rows.length > GLANCE || filter !== "";
  const shown = order(found, by, sort.startsWith("-"));

  if (props.rows.length === 0) {
    return <>{props.empty ?? <Empty title={`No ${props.caption} yet`} />}</>;
  }
  return (
    <div class="table">
      {filters && (
        <div class="table-tools">
          <input
            type="search"
            value={filter}
            placeholder={`Find in ${props.caption}`}
            aria-label={`Find in ${props.caption}`}
            onInput={(e) => setFilter(e.currentTarget.value)}
          />
          <span class="hint" role="status">
            {filter === ""
              ? several(props.rows.length, "row")
              : `${shown.length} of ${several(props.rows.length, "row")}`}
          </span>
        </div>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label={props.caption}>
        <table class="stacks" role="table">
          <caption class="heard">{props.caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {props.columns.map((c) => (
                <SortHead key={c.name} column={c} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {shown.map((row) => (
              <tr key={props.rowKey(row)} role="row">
                {props.columns.map((c) => (
                  <td key={c.name} role="cell" class={kindOf(c)} data-title={c.title}>
                    {c.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && (
          <Empty
            title={`No ${props.caption} with “${filter}”`}
            hint="Nothing is hidden but by this filter."
          />
        )}
      </div>
    </div>
  );
}
