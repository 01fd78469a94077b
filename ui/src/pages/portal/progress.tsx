// How far the copying is.
import { Meter, Shown } from "../../parts";
import type { Migration } from "../../types/portal";
import { useGet } from "../../use";
import { percent, several } from "../../words";
import { Foretold } from "./approve";

const MOVED = ["synced", "verifying", "verified", "completed with failures"];
const AT_WORK = ["checking", "copying", "throttled"];
const countOf = (m: Migration, states: string[]) =>
  states.reduce((n, state) => n + (m.states[state] ?? 0), 0);

export function Progress(props: { id: number }) {
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
            {moved < m.mailboxes && <Foretold migration={props.id} />}
          </>
        );
      }}
    </Shown>
  );
}
