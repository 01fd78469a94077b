// One row of a BigTable.  Scrolling draws the table with each frame, and most
// of its rows were there before: such a row is not drawn again.  It is told by
// its properties, and no drawn row is kept for it: a node of Preact's leads to
// all that was drawn with it, ten thousand rows of then among that.
import { Component } from "preact";

import { useMedia } from "../use";
import type { BigColumn } from "./bigtable";

/** Of a row, in px; style/bigtable.css has the same. */
const ROW = 40;
/** Of one on a phone, which is a card that names its columns. */
const CARD = 156;

/** Told again when the window becomes as narrow as a phone, or wider. */
export function useRowHeight(): number {
  const narrow = useMedia("(max-width: 40rem)");
  return narrow ? CARD : ROW;
}

/** What a row has done; an object that stays, so that no row is new by it. */
export interface Hands<T> {
  name: (row: T) => string;
  /** reach: with Shift. */
  click: (key: number, box: boolean, reach: boolean) => void;
  open: (row: T) => void;
}

interface LineProps<T> {
  id: string;
  row: T;
  /** The row's key, and its place in the order shown. */
  of: number;
  index: number;
  /** In px. */
  high: number;
  columns: readonly BigColumn<T>[];
  active: boolean;
  /** undefined: nothing can be marked. */
  marked: boolean | undefined;
  hands: { readonly current: Hands<T> };
}

export class Line<T> extends Component<LineProps<T>> {
  override shouldComponentUpdate(next: LineProps<T>): boolean {
    const now = this.props;
    return (Object.keys(next) as (keyof LineProps<T>)[]).some((k) => next[k] !== now[k]);
  }

  override render() {
    const { id, row, of, index, high, columns, active, marked, hands } = this.props;
    return (
      <div
        id={id}
        class={`bigtable-row${active ? " active" : ""}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={marked}
        style={{ transform: `translateY(${index * high}px)` }}
        onClick={(e) => {
          const at = e.target as Element;
          if (at.closest("a")) return;
          hands.current.click(of, at.closest("input") !== null, e.shiftKey);
        }}
        onDblClick={() => hands.current.open(row)}
      >
        {marked !== undefined && (
          <div role="gridcell" class="box">
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={`Mark ${hands.current.name(row)}`}
              checked={marked}
            />
          </div>
        )}
        {columns.map((c) => (
          <div
            key={c.name}
            role="gridcell"
            class={c.number ? "number" : undefined}
            data-title={c.title}
          >
            {c.cell(row)}
          </div>
        ))}
      </div>
    );
  }
}
