// How far the copying is.
import { Meter, Shown } from "../../parts";
import type { Forecast, Migration, Outlook } from "../../types/portal";
import { useGet, useNow } from "../../use";
import { percent, several } from "../../words";
import { foretold } from "./plain";

const MOVED = ["synced", "verifying", "verified", "completed with failures"];
const AT_WORK = ["checking", "copying", "throttled"];
const countOf = (m: Migration, states: string[]) =>
  states.reduce((n, state) => n + (m.states[state] ?? 0), 0);

function Foretold(props: { forecast: Forecast; what: string }) {
  const now = useNow();
  return (
    <p>
      {foretold(props.forecast, props.what, now)}{" "}
      <span class="hint">It rests on {props.forecast.basis}.</span>
    </p>
  );
}

function Copied(props: { forecast: Forecast | null }) {
  return props.forecast ? (
    <Foretold forecast={props.forecast} what="all is ready for cutover" />
  ) : (
    <p class="hint">How long it takes cannot be said yet.</p>
  );
}

/** Up to the certificate. */
function Whole(props: { id: number }) {
  const got = useGet<Outlook>(`/migrations/${props.id}/outlook`, {
    on: ["migration", "request"],
  });
  const whole = got.data?.whole;
  return whole ? (
    <Foretold forecast={whole} what="all is compared and done" />
  ) : null;
}

export function Progress(props: { id: number; state: string }) {
  const got = useGet<Migration>(`/migrations/${props.id}`, {
    on: ["migration", "mailbox", "progress"],
  });
  return (
    <Shown got={got} what="the progress">
      {(m) => {
        const moved = countOf(m, MOVED);
        const atWork = countOf(m, AT_WORK);
        const said = `${moved} of ${several(m.mailboxes, "mailbox", "mailboxes")} copied`;
        return (
          <>
            <Meter value={moved} of={m.mailboxes} label={said} />
            {/* a mailbox more is told to who hears the page */}
            <p role="status">
              {said}
              {m.mailboxes > 0 && ` (${percent(moved / m.mailboxes)})`}
              {atWork > 0 && `; ${atWork} more at work`}.
            </p>
            {props.state === "running" && <Copied forecast={m.forecast} />}
            {props.state === "cut over" && <Whole id={props.id} />}
          </>
        );
      }}
    </Shown>
  );
}
