// The few numbers that a migration's page is opened for.
import { useHistory } from "../../history";
import { Headline, Meter } from "../../parts";
import type { Sample } from "../../types/history";
import { doneOf, moving, type Migration } from "../../types/migrations";
import { useNow } from "../../use";
import { apart, bytes, count, percent, several, time } from "../../words";

/** Of how long the pace is told. */
const SPAN_MS = 15 * 60_000;

interface Pace {
  bytesAnHour: number;
  /** Of the time of requests; undefined: there were none. */
  heldUp: number | undefined;
}

function requestTime(samples: readonly Sample[], atOnce: (s: Sample) => number): number {
  return samples.reduce((n, s) => n + atOnce(s) * s.seconds, 0);
}

/** Of the last quarter of an hour; undefined: nothing went on. */
function paceOf(samples: readonly Sample[], now: number): Pace | undefined {
  const recent = samples.filter((s) => now - new Date(s.at).getTime() < SPAN_MS);
  const seconds = recent.reduce((n, s) => n + s.seconds, 0);
  if (seconds === 0) return undefined;
  const moved = recent.reduce((n, s) => n + s.bytes, 0);
  const heldUp = requestTime(recent, (s) => s.heldUp);
  const wanted = heldUp + requestTime(recent, (s) => s.inFlight);
  return {
    bytesAnHour: (moved * 3600) / seconds,
    heldUp: wanted > 0 ? heldUp / wanted : undefined,
  };
}

function Ends({ m, now }: { m: Migration; now: number }) {
  if (moving(m) === 0) return <>–</>;
  if (m.forecast === null) return <>not known yet</>;
  return <>{apart(m.forecast.p50, now)}</>;
}

function endsHint(m: Migration): string {
  if (moving(m) === 0) return "no pass is queued or running";
  if (m.forecast === null) return "said once some of it has been looked at";
  return `what is queued or running, as likely before as after; in nine of ten cases by ${time(m.forecast.p90)}. It rests on ${m.forecast.basis}.`;
}

export function MigrationHeadline({ migration: m }: { migration: Migration }) {
  const now = useNow();
  const history = useHistory(`/migrations/${m.id}/history`);
  const pace = history.data && paceOf(history.data.samples, now);
  const failed = m.states["failed"] ?? 0;
  const partly = m.states["completed with failures"] ?? 0;
  return (
    <Headline
      figures={[
        {
          name: "Mailboxes done",
          value: `${count(doneOf(m))} of ${count(m.mailboxes)}`,
          hint: (
            <Meter
              value={doneOf(m)}
              of={m.mailboxes}
              label={`${count(doneOf(m))} of ${several(m.mailboxes, "mailbox", "mailboxes")} done`}
            />
          ),
        },
        {
          name: "At the moment",
          value: pace ? `${bytes(pace.bytesAnHour)} an hour` : "nothing moves",
          hint: pace
            ? "over the last 15 minutes in which something went on"
            : "within the last 15 minutes",
        },
        { name: "Likely to be done", value: <Ends m={m} now={now} />, hint: endsHint(m) },
        {
          name: "Held up by the servers",
          value: pace?.heldUp === undefined ? "–" : percent(pace.heldUp),
          hint:
            pace?.heldUp === undefined
              ? "no request went out"
              : "of the time of requests, waiting for a back-off to end",
        },
        {
          name: "Failed",
          value: count(failed),
          hint: `mailboxes; ${count(partly)} more with items that failed`,
        },
      ]}
    />
  );
}
