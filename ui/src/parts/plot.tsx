// A plot over time: drawn for who sees it, read value by value with the arrow
// keys, and all of it as a table.
import "uplot/dist/uPlot.min.css";
import "../style/plot.css";

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";

import { useMedia } from "../use";
import { time } from "../words";
import type { Drawing, Mark, Series } from "./plot_draw";

export type { Mark, Series, Unit } from "./plot_draw";

const HEIGHT = 220;

/**
 * What draws is a bundle of its own (build.mjs), read with the first plot, so
 * that the first page does not carry it.
 */
const DRAWER = "/assets/plot.js";
type Drawer = typeof import("./plot_draw");
let drawer: Drawer | undefined;

/** Without it a plot is still a table. */
function useDrawer(): Drawer | undefined {
  const [now, set] = useState(drawer);
  useEffect(() => {
    if (now !== undefined) return;
    import(DRAWER).then(
      (read: Drawer) => {
        drawer = read;
        set(read);
      },
      () => undefined,
    );
  }, []);
  return now;
}

/** What is drawn anew only when another thing is shown, not other numbers. */
function shape(d: Drawing): string {
  return d.series
    .map((s) => [s.name, s.colour, s.right, s.dashed, s.bars, s.downTo].join())
    .join(";");
}

/** The canvas in a box of its own; the plot, for who moves the cursor. */
function useCanvas(drawing: Drawing, onCursor: (at: number | null) => void) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(drawing);
  // redrawn when the system goes from light to dark or back
  const dark = useMedia("(prefers-color-scheme: dark)");
  const draw = useDrawer();
  latest.current = drawing;

  useEffect(() => {
    const host = box.current;
    if (host === null || draw === undefined) return undefined;
    // its hooks read what is latest: the numbers change under it
    const live: Drawing = {
      ...latest.current,
      get marks() {
        return latest.current.marks;
      },
    };
    const u = new draw.uPlot(
      draw.options(host, live, HEIGHT, onCursor),
      draw.data(latest.current),
      host,
    );
    const size = new ResizeObserver(() =>
      u.setSize({ width: Math.max(200, host.clientWidth), height: HEIGHT }),
    );
    size.observe(host);
    plot.current = u;
    return () => {
      size.disconnect();
      u.destroy();
      plot.current = undefined;
    };
  }, [shape(drawing), dark, draw]);
  useEffect(() => {
    if (draw) plot.current?.setData(draw.data(drawing));
  }, [drawing]);
  return { box, plot };
}

const said = (s: Series, at: number) => {
  const value = s.values[at];
  return value === null || value === undefined ? "–" : s.unit(value);
};

function Legend(props: { drawing: Drawing; at: number }) {
  const { drawing, at } = props;
  return (
    <ul class="plot-legend">
      {drawing.series.map((s) => (
        <li key={s.name}>
          <span
            class={`plot-key ${s.colour}${s.dashed ? " dashed" : ""}`}
            aria-hidden="true"
          />
          {s.name} <b>{said(s, at)}</b>
        </li>
      ))}
      {drawing.marks.length > 0 && (
        <li>
          <span class="plot-mark" aria-hidden="true" /> Back-off
        </li>
      )}
    </ul>
  );
}

/** The latest first, as that is what is looked for. */
function Numbers(props: { title: string; drawing: Drawing }) {
  const [open, setOpen] = useState(false);
  const { times, series, marks } = props.drawing;
  const byTime = new Map(marks.map((m) => [m.at, m.text]));
  const rows = times
    .map((at, i) => ({ at, i }))
    .filter(({ i }) => series.some((s) => s.values[i] !== null))
    .reverse();
  return (
    <details
      class="plot-numbers"
      onToggle={(e) => setOpen(e.currentTarget.open)}
    >
      <summary>As a table</summary>
      {open && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`${props.title}, as a table`}>
          <table>
            <caption class="heard">{props.title}</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map((s) => (
                  <th key={s.name} scope="col" class="number">
                    {s.name}
                  </th>
                ))}
                {marks.length > 0 && <th scope="col">Back-offs</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ at, i }) => (
                <tr key={at}>
                  <th scope="row">{time(at * 1000)}</th>
                  {series.map((s) => (
                    <td key={s.name} class="number">
                      {said(s, i)}
                    </td>
                  ))}
                  {marks.length > 0 && <td>{byTime.get(at) ?? ""}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

/** Where an arrow key leads from there; undefined: it is no key of ours. */
function moved(key: string, from: number, last: number): number | undefined {
  switch (key) {
    case "ArrowLeft":
      return Math.max(0, from - 1);
    case "ArrowRight":
      return Math.min(last, from + 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

const none: readonly Mark[] = [];

/** times, series and marks: the same arrays as long as nothing has changed. */
export function Plot(props: {
  title: string;
  /** What it shows, and what its marks are. */
  hint?: string;
  /** Seconds since 1970, rising. */
  times: readonly number[];
  series: readonly Series[];
  marks?: readonly Mark[];
  y?: "time";
}) {
  const id = useId();
  const last = props.times.length - 1;
  const [cursor, setCursor] = useState<number | null>(null);
  // told to who reads by keys; not with each move of a mouse, or new numbers
  const [reading, setReading] = useState(false);
  const { times, series, marks = none, y } = props;
  const drawing: Drawing = useMemo(
    () => ({ times, series, marks, ...(y && { y }) }),
    [times, series, marks, y],
  );
  const { box, plot } = useCanvas(drawing, setCursor);
  const at = cursor !== null && cursor <= last ? cursor : last;

  const press = (event: KeyboardEvent) => {
    const to = moved(event.key, cursor ?? last + 1, last);
    const when = to === undefined ? undefined : props.times[to];
    if (when === undefined || plot.current === undefined) return;
    event.preventDefault();
    setReading(true);
    plot.current.setCursor({ left: plot.current.valToPos(when, "x"), top: 0 });
  };
  return (
    <figure class="plot" aria-labelledby={id}>
      <figcaption>
        <h3 id={id}>{props.title}</h3>
        {props.hint && <p class="hint">{props.hint}</p>}
      </figcaption>
      <div
        class="plot-box"
        role="group"
        tabIndex={0}
        aria-label={`${props.title}: arrow keys read value by value`}
        onKeyDown={press}
        onBlur={() => setReading(false)}
      >
        <div ref={box} class="plot-canvas" aria-hidden="true" />
        <div class="plot-read" aria-live={reading ? "polite" : "off"}>
          <span class="hint">
            {cursor === null ? "Latest, " : ""}
            {time((props.times[at] ?? 0) * 1000)}
            {drawing.marks
              .filter((m) => m.at === props.times[at])
              .map((m) => ` · ${m.text}`)}
          </span>
          <Legend drawing={drawing} at={at} />
        </div>
      </div>
      <Numbers title={props.title} drawing={drawing} />
    </figure>
  );
}
