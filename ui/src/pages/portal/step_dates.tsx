// When: wishes, both of which may stay open.
import { useState } from "preact/hooks";

import { patch } from "../../api";
import { useDoing } from "../../use";
import { Form, Input, StepHead, isPieces, wrongPiece } from "./step";
import type { StepProps } from "./wizard";

export const today = () => new Date().toISOString().slice(0, 10);

/** Two days the wrong way round. */
export const orderOf = (start: string, cutover: string) =>
  start !== "" && cutover !== "" && cutover < start
    ? "Cutover comes after the start: the mailboxes are copied before their users move."
    : undefined;

export function DatesStep({ request: r, next }: StepProps) {
  const [start, setStart] = useState(r.start ?? "");
  const [cutover, setCutover] = useState(r.cutover ?? "");
  const doing = useDoing();
  const order = orderOf(start, cutover);
  return (
    <>
      <StepHead
        title="When would you like it?"
        hint="Both may be left open. Copying goes on beside the users' daily work; even smaller migrations can take several days."
      />
      <Form
        send="Next"
        busy={doing.busy}
        problem={isPieces(doing.problem) ? undefined : doing.problem}
        onSend={async () => {
          const said = {
            ...(start === "" ? {} : { start }),
            ...(cutover === "" ? {} : { cutover }),
          };
          if (order !== undefined) return;
          const done =
            Object.keys(said).length === 0 ||
            (await doing.run(() => patch(`/requests/${r.id}`, said)));
          if (done) next();
        }}
      >
        <Input
          label="Start, not before"
          type="date"
          min={today()}
          value={start}
          onValue={setStart}
          wrong={wrongPiece(doing.problem, "start")}
        />
        <Input
          label="Cutover: the day on which users move"
          type="date"
          min={start || today()}
          value={cutover}
          onValue={setCutover}
          wrong={order ?? wrongPiece(doing.problem, "cutover")}
        />
      </Form>
    </>
  );
}
