// The few numbers that a migration's page is opened for.
import { Headline, Meter } from "../../parts";
import { doneOf, moving, type Migration, type Sample } from "../../types/migrations";
import { useGet, useNow } from "../../use";
import { apart, bytes, count, percent, several, time } from "../../words";

/** Of how long the pace is told. */
const SPAN_MS = 15 * 60_000;

interface Pace {
  bytesAnHour: number;
  throttled: number;
}

/** Of the last quarter of an hour; undefined: nothing went on. */
function paceOf(samples: readonly Sample[], now: number): Pace | undefined {
  const recent = samples.filter((s) => now - new Date(s.at).getTime() < SPAN_MS);
  const seconds = recent.reduce((n, s) => n + s.seconds, 0);
  if (seconds === 0) return undefined;
  const moved = recent.reduce((n, s) => n + s.bytes, 0);
  const held = recent.reduce((n, s) => n + s.throttledShare * s.seconds, 0);
  return { bytesAnHour: (moved * 3600) / seconds, throttled: held / seconds };
}

function Ends({ m, now }: { m: Migration; now: number }) {
  if (moving(m) === 0) return <>–</>;
  if (m.forecast === null) return <>not known yet</>;
  return <>{apart(m.forecast.p50, now)}</>;
}

function endsHint(m: Migration): string {
  if (moving(m) === 0) return "no pass is queued or running";
  if (m.forecast === null) return "said once some of it has been looked at";
  return `as likely before as after; in nine of ten cases by ${time(m.forecast.p90)}. It rests on ${m.forecast.basis}.`;
}

export function MigrationHeadline({ migration: m }: { migration: Migration }) {
  const now = useNow();
  const history = useGet<{ samples: Sample[] }>(`/migrations/${m.id}/history`, {
    on: ["progress", "migration"],
    about: (e) => e.data["migration"] === m.id,
  });
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
          hint: "over the last 15 minutes in which something went on",
        },
        { name: "Done", value: <Ends m={m} now={now} />, hint: endsHint(m) },
        {
          name: "Held up by the servers",
          value: pace ? percent(pace.throttled) : "–",
          hint: "of the time of requests, waiting for a back-off to end",
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
