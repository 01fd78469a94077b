// What the steps of the wizard share.
import type { ComponentChildren } from "preact";

import type { Problem } from "../../api";
import { wrongIn } from "../../parts";

export { A, Button, Form, Input, Select, Shown } from "../../parts";

export function StepHead(props: { title: string; hint?: ComponentChildren }) {
  return (
    <header class="step-head">
      <h2 tabIndex={-1}>{props.title}</h2>
      {props.hint && <p class="hint">{props.hint}</p>}
    </header>
  );
}

/** Of several pieces that were sent together each has its own fault. */
export function wrongPiece(
  problem: Problem | undefined,
  field: string,
): string | undefined {
  const all = problem?.more["wrong"];
  if (!Array.isArray(all)) return wrongIn(problem, field);
  const found = (all as { field: string; text: string }[]).find(
    (w) => w.field === field,
  );
  return found && `${found.text}.`;
}

/** Does a field show what is wrong? */
export const isPieces = (problem: Problem | undefined) =>
  problem?.slug === "wrong-pieces";
