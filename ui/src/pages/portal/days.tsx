// Another day, while it has not begun: what is possible is shown, and asked for.
import { useRef, useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Dialog, Form, Input, toast, wrongIn } from "../../parts";
import type { Request } from "../../types/portal";
import { useDoing, useGet, type Got } from "../../use";
import { calendarDay } from "../../words";
import { orderOf, today } from "./step_dates";

const whole = (day: string) => /^\d{4}-\d{2}-\d{2}$/.test(day);

/** Days with room from the one that was chosen; null: not known (yet). */
function useDays(id: number, from: string): string[] | null {
  const got = useGet<{ items: string[] }>(`/requests/${id}/days`, {
    query: whole(from) ? { from } : {},
  });
  return got.busy ? null : (got.data?.items ?? null);
}

function Possible(props: { days: string[]; onChoose: (day: string) => void }) {
  return (
    <div class="days" role="group" aria-label="Days with room">
      <p class="hint">With room:</p>
      {props.days.slice(0, 5).map((day) => (
        <Button key={day} onClick={() => props.onChoose(day)}>
          {calendarDay(day)}
        </Button>
      ))}
    </div>
  );
}

export function ChangeDays(props: { request: Request; got: Got<Request>; onClose: () => void }) {
  const { request: r, got } = props;
  const [start, setStart] = useState(r.start ?? "");
  const [cutover, setCutover] = useState(r.cutover ?? "");
  const days = useDays(r.id, start);
  const key = useRef(once());
  const doing = useDoing();
  const full =
    whole(start) && start >= today() && start !== r.start && days !== null && days[0] !== start
      ? days[0] === undefined
        ? "There is no room from then on, within a year."
        : `There is no room on that day; the next with room is ${calendarDay(days[0])}.`
      : undefined;
  const order = orderOf(start, cutover);
  return (
    <Dialog title="Change the days" onClose={props.onClose}>
      <p>
        A mail confirms it, and the day that you had is free for others. The
        price stays as it was approved.
      </p>
      <Form
        send={whole(start) ? `Begin on ${calendarDay(start)}` : "Change the days"}
        busy={doing.busy}
        problem={doing.problem}
        fields={["start", "cutover"]}
        other={<Button onClick={props.onClose}>Leave it as it is</Button>}
        onSend={async () => {
          if (full !== undefined || order !== undefined) return;
          const said = { action: "schedule", start, ...(cutover === "" ? {} : { cutover }) };
          const done = await doing.run(() =>
            post(`/requests/${r.id}/actions`, said, {
              once: key.current,
              version: got.version,
            }),
          );
          key.current = once();
          got.again();
          if (!done) return;
          toast(`It begins on ${calendarDay(start)}.`);
          props.onClose();
        }}
      >
        <Input
          label="Start"
          hint="Days are those of UTC. Copying goes on beside the users’ daily work."
          type="date"
          min={today()}
          required
          value={start}
          onValue={setStart}
          wrong={full ?? wrongIn(doing.problem, "start", start)}
        />
        {days !== null && <Possible days={days} onChoose={setStart} />}
        <Input
          label="Cutover: the day on which users move"
          type="date"
          min={start || today()}
          value={cutover}
          onValue={setCutover}
          wrong={order ?? wrongIn(doing.problem, "cutover")}
        />
      </Form>
    </Dialog>
  );
}
