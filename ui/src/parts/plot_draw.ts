// What a plot's canvas shows: uPlot told in our colours and words.
import uPlot from "uplot";

export { uPlot };

export type Unit = (n: number) => string;

export interface Series {
  name: string;
  /** A token of style/tokens.css: "active". */
  colour: string;
  unit: Unit;
  /** One for each of the plot's times; null: nothing is known. */
  values: readonly (number | null)[];
  /** Its own axis, to the right. */
  right?: boolean;
  /** As far as its axis goes; else as far as the values do. */
  upTo?: number;
  dashed?: boolean;
  bars?: boolean;
  /** Filled down to the series of that number. */
  downTo?: number;
}

/** Something that happened at a moment. */
export interface Mark {
  at: number;
  text: string;
}

export interface Drawing {
  /** Seconds since 1970, rising. */
  times: readonly number[];
  series: readonly Series[];
  marks: readonly Mark[];
  /** "time": the values are moments, as the times are. */
  y?: "time";
}

/** A token's colour as it is now: a canvas knows no custom properties. */
export function colourOf(host: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  host.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** The same, see-through. */
function thin(colour: string, alpha: number): string {
  return colour.replace(/^rgb\((.+)\)$/, `rgba($1, ${alpha})`);
}

/** A line needs two points; one or two are shown as what they are. */
const isShort: uPlot.Series.Points.Show = (u, i) =>
  (u.data[i] ?? []).filter((v) => v !== null).length < 3;

function seriesOf(host: HTMLElement, s: Series): uPlot.Series {
  const colour = colourOf(host, s.colour);
  return {
    label: s.name,
    stroke: colour,
    width: 2,
    scale: s.right ? "right" : "y",
    points: { show: isShort, size: 6, fill: colour },
    ...(s.dashed && { dash: [6, 4] }),
    ...(s.bars && {
      fill: thin(colour, 0.5),
      width: 1,
      paths: uPlot.paths.bars?.({ size: [0.8, 24, 2] }),
      points: { show: false },
    }),
  };
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Times of the day; the day below the first one of it, or alone. */
function moments(splits: number[], incr: number): string[] {
  let before = "";
  return splits.map((at) => {
    const date = new Date(at * 1000);
    const today = day.format(date);
    if (incr >= 86_400) return today;
    const text = clock.format(date);
    const news = today !== before;
    before = today;
    return news ? `${text}\n${today}` : text;
  });
}

/** Room for the longest text at an axis, in px of a 12 px font. */
function widthOf(values: readonly string[] | null): number {
  const lines = (values ?? []).flatMap((text) => String(text ?? "").split("\n"));
  return 16 + 7 * Math.max(3, ...lines.map((line) => line.length));
}

function axes(host: HTMLElement, d: Drawing): uPlot.Axis[] {
  const stroke = colourOf(host, "soft");
  const line = colourOf(host, "line");
  const common: uPlot.Axis = {
    stroke,
    font: `12px ${getComputedStyle(host).fontFamily}`,
    ticks: { stroke: line, width: 1, size: 4 },
    grid: { stroke: line, width: 1 },
  };
  const ofSide = (right: boolean): uPlot.Axis[] => {
    const unit = d.series.find((s) => Boolean(s.right) === right)?.unit;
    if (unit === undefined) return [];
    return [
      {
        ...common,
        scale: right ? "right" : "y",
        side: right ? 1 : 3,
        size: (_, values) => widthOf(values),
        values: (_, splits, __, ___, incr) =>
          d.y === "time" ? moments(splits, incr) : splits.map(unit),
        ...(right && { grid: { show: false } }),
      },
    ];
  };
  const below: uPlot.Axis = {
    ...common,
    space: 64,
    values: (_, splits, __, ___, incr) => moments(splits, incr),
  };
  return [below, ...ofSide(false), ...ofSide(true)];
}

/** From nothing up to somewhat more than the most, at least up to one. */
const fromZero: uPlot.Range.Function = (_, _least, most) => [
  0,
  Math.max(1, most ?? 0) * 1.05,
];

/** A small triangle and a line for each mark, above what is plotted. */
function drawMarks(u: uPlot, marks: readonly Mark[], colour: string): void {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.strokeStyle = thin(colour, 0.45);
  ctx.lineWidth = px;
  ctx.setLineDash([]);
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 4 * px, bbox.top);
    ctx.lineTo(x + 4 * px, bbox.top);
    ctx.lineTo(x, bbox.top + 7 * px);
    ctx.fill();
  }
  ctx.restore();
}

export function data(d: Drawing): uPlot.AlignedData {
  return [
    d.times as number[],
    ...d.series.map((s) => s.values as (number | null)[]),
  ];
}

export function options(
  host: HTMLElement,
  d: Drawing,
  height: number,
  onCursor: (at: number | null) => void,
): uPlot.Options {
  const warn = colourOf(host, "warn");
  const y: uPlot.Scale = d.y === "time" ? { time: true } : { range: fromZero };
  const upTo = d.series.find((s) => s.right)?.upTo;
  return {
    width: Math.max(200, host.clientWidth),
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y, right: { range: upTo ? [0, upTo] : fromZero } },
    axes: axes(host, d),
    series: [{}, ...d.series.map((s) => seriesOf(host, s))],
    bands: d.series.flatMap((s, i) =>
      s.downTo === undefined
        ? []
        : [
            {
              series: [i + 1, s.downTo + 1] as [number, number],
              fill: thin(colourOf(host, s.colour), 0.22),
            },
          ],
    ),
    hooks: {
      draw: [(u) => drawMarks(u, d.marks, warn)],
      setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
    },
  };
}
