// What went on with a migration over time, and what was foreseen of it.
import { useMemo } from "preact/hooks";

import {
  backOffs,
  each,
  mean,
  useHistory,
  usePoints,
  type Point,
} from "../../history";
import { Empty, Plot, Section, Shown, type Series } from "../../parts";
import type { ForecastGiven, History } from "../../types/history";
import { isStaff, useSession } from "../../use";
import { bytes, count, percent, time } from "../../words";

const some = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const plain = (n: number) => some.format(n);
const perHour = (n: number) => `${bytes(n)}/h`;

function throughput(all: readonly Point[]): Series[] {
  return [
    {
      name: "Data",
      colour: "active",
      unit: perHour,
      values: each(all, (s, p) => (s.bytes / p.seconds) * 3600),
    },
    {
      name: "Items a minute",
      colour: "good",
      unit: plain,
      right: true,
      dashed: true,
      values: each(all, (s, p) => (s.items / p.seconds) * 60),
    },
  ];
}

/** What the source's governor would go up to, at the times of ours. */
function limits(all: readonly Point[], host: readonly Point[]): Series[] {
  const known = new Map(host.map((p) => [p.at, p.sample?.concurrency ?? 0]));
  const values = each(all, (_, p) => known.get(p.at) || NaN).map((n) =>
    n === null || Number.isNaN(n) ? null : n,
  );
  if (values.every((n) => n === null)) return [];
  return [
    { name: "Limit of the source", colour: "waiting", unit: plain, dashed: true, values },
  ];
}

function concurrency(all: readonly Point[], host: readonly Point[]): Series[] {
  return [
    {
      name: "Requests at once",
      colour: "active",
      unit: plain,
      values: each(all, (s, p) => mean(s.inFlight, p)),
    },
    {
      name: "Mailboxes at once",
      colour: "good",
      unit: plain,
      values: each(all, (s, p) => mean(s.mailboxes, p)),
    },
    ...limits(all, host),
    {
      name: "Throttled",
      colour: "warn",
      unit: percent,
      right: true,
      upTo: 1,
      dashed: true,
      values: each(all, (s) => s.throttledShare),
    },
  ];
}

/* ---- what was foreseen ----------------------------------------------------- */

/** Of the run at hand, or the last one: each run ends at a time of its own. */
function latestRun(all: readonly ForecastGiven[]): readonly ForecastGiven[] {
  const last = all.at(-1);
  return all.filter((f) => f.ended === (last?.ended ?? null));
}

const moment = (at: string) => Date.parse(at) / 1000;

function foreseen(run: readonly ForecastGiven[]): Series[] {
  const unit = (n: number) => time(n * 1000);
  const series: Series[] = [
    {
      name: "By then in 9 of 10 cases",
      colour: "waiting",
      unit,
      values: run.map((f) => moment(f.p90)),
      downTo: 1,
    },
    {
      name: "As likely before as after",
      colour: "active",
      unit,
      values: run.map((f) => moment(f.p50)),
    },
  ];
  const ended = run[0]?.ended;
  if (ended) {
    series.push({
      name: "When it was done",
      colour: "good",
      unit,
      dashed: true,
      values: run.map(() => moment(ended)),
    });
  }
  return series;
}

function Foreseen(props: { forecasts: readonly ForecastGiven[] }) {
  const run = useMemo(() => latestRun(props.forecasts), [props.forecasts]);
  const times = useMemo(() => run.map((f) => moment(f.at)), [run]);
  const series = useMemo(() => foreseen(run), [run]);
  if (run.length === 0) {
    return (
      <Nothing title="End as foreseen" text="No forecast has been given yet." />
    );
  }
  return (
    <Plot
      title="End as foreseen"
      hint={`When it was to be done, by when that was said; rests on ${run.at(-1)?.basis}.`}
      times={times}
      series={series}
      y="time"
    />
  );
}

/* ---- all ------------------------------------------------------------------- */

function Nothing(props: { title: string; text: string }) {
  return (
    <figure class="plot" aria-label={props.title}>
      <figcaption>
        <h3>{props.title}</h3>
      </figcaption>
      <p class="plot-none hint">{props.text}</p>
    </figure>
  );
}

function Failures(props: { all: readonly Point[]; times: readonly number[] }) {
  const { all } = props;
  const series = useMemo<Series[]>(
    () => [
      {
        name: "Items that failed",
        colour: "bad",
        unit: count,
        bars: true,
        values: each(all, (s) => s.failed),
      },
    ],
    [all],
  );
  if (all.every((p) => !p.sample?.failed)) {
    return <Nothing title="Failures" text="No item has failed." />;
  }
  return <Plot title="Failures" times={props.times} series={series} />;
}

function Plots(props: { history: History; host: History | undefined }) {
  const all = usePoints(props.history.samples);
  const host = usePoints(props.host?.samples ?? empty);
  const times = useMemo(() => all.map((p) => p.at), [all]);
  const marks = useMemo(() => backOffs(all), [all]);
  const rates = useMemo(() => throughput(all), [all]);
  const atOnce = useMemo(() => concurrency(all, host), [all, host]);
  return (
    <div class="plots">
      <Plot title="Throughput" times={times} series={rates} marks={marks} />
      <Plot title="Concurrency" times={times} series={atOnce} marks={marks} />
      <Foreseen forecasts={props.history.forecasts ?? []} />
      <Failures all={all} times={times} />
    </div>
  );
}

const empty: History["samples"] = [];

/** "mail.example:8443" of "https://mail.example:8443/owa". */
function hostOf(source: string): string {
  try {
    return new URL(source).host || source;
  } catch {
    return source;
  }
}

/**
 * source: its URL; staff see its limit beside what goes on.
 */
export function MigrationPlots(props: { id: string | number; source?: string }) {
  const staff = isStaff(useSession());
  const got = useHistory(`/migrations/${props.id}/history`);
  const host = useHistory(
    staff && props.source
      ? `/hosts/${encodeURIComponent(hostOf(props.source))}/history`
      : null,
  );
  return (
    <Section title="Over time">
      <Shown got={got} what="what went on" lines={8}>
        {(history) =>
          history.samples.length === 0 ? (
            <Empty
              title="Nothing has gone on yet"
              hint="Throughput, concurrency and failures are drawn here from the first minute of the first pass on."
            />
          ) : (
            <Plots history={history} host={host.data} />
          )
        }
      </Shown>
    </Section>
  );
}
