// What a request is made of, piece by piece.
import type { Piece, Request } from "../../types/request";
import { calendarDay } from "../../words";
import { SignInFinding } from "./sign_in";

const marks: Record<Piece["state"], string> = {
  there: "✓",
  missing: "–",
  faulty: "✗",
  "not needed": "·",
};

const tones: Record<Piece["state"], string> = {
  there: "good",
  missing: "waiting",
  faulty: "bad",
  "not needed": "quiet",
};

function value(r: Request, piece: string): string | undefined {
  switch (piece) {
    case "partner-id":
      return r.partner ?? undefined;
    case "domain":
      return r.domain ?? undefined;
    case "owa-url":
      return r.owaUrl ?? undefined;
    case "credentials":
      return r.admin === null
        ? undefined
        : `${r.admin}, ${r.hasPassword ? "with a password" : "without a password"}`;
    case "dates":
      return (
        [
          r.start && `start ${calendarDay(r.start)}`,
          r.cutover && `cutover ${calendarDay(r.cutover)}`,
        ]
          .filter(Boolean)
          .join(", ") || undefined
      );
    default:
      return undefined;
  }
}

export function Checklist(props: { request: Request }) {
  const r = props.request;
  return (
    <ul class="pieces">
      {r.checklist.map((p) => (
        <li key={p.piece}>
          <span class={`badge ${tones[p.state]}`}>
            <span aria-hidden="true">{marks[p.state]} </span>
            {p.state}
          </span>
          <div>
            <strong>{p.name}</strong>
            {value(r, p.piece) !== undefined && <div>{value(r, p.piece)}</div>}
            {p.piece === "credentials" && r.signIn !== null && (
              <SignInFinding finding={r.signIn} />
            )}
            {p.ask && <div class="hint">{p.ask}</div>}
          </div>
        </li>
      ))}
    </ul>
  );
}
