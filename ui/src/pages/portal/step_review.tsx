// All of it once more, then what it costs and how long it takes.
import { A, Bars, Facts } from "../../parts";
import { calendarDay } from "../../words";
import { Offer } from "./approve";
import { StepHead } from "./step";
import type { StepProps } from "./wizard";

function Change(props: { id: number; step: string; what: string }) {
  return (
    <A
      href={`/requests/${props.id}/setup?step=${props.step}`}
      aria-label={`Change ${props.what}`}
    >
      Change
    </A>
  );
}

export function ReviewStep({ request: r, got }: StepProps) {
  const counting = r.missing.length === 0 && r.quote === null;
  const fact = (what: string, step: string, value: string | null, none = "not given yet") =>
    [
      what,
      <>
        {value ?? <em>{none}</em>} <Change id={r.id} step={step} what={what} />
      </>,
    ] as const;
  return (
    <>
      <StepHead title="Review" />
      <Facts
        facts={[
          fact("Domain", "domain", r.domain),
          fact("Current server", "server", r.owaUrl),
          fact("Import file", "file", r.file === null ? null : "sent"),
          fact("Administrative account", "credentials", r.admin ?? "none"),
          fact("Start", "dates", r.start && calendarDay(r.start), "the first day with room"),
          fact("Cutover", "dates", r.cutover && calendarDay(r.cutover), "left open"),
        ]}
      />
      {r.missing.length > 0 && (
        <div class="finding warn">
          <p>
            <strong>To go on we still need:</strong>
          </p>
          <ul>
            {r.missing.map((m) => (
              <li key={m.piece}>{m.text}</li>
            ))}
          </ul>
        </div>
      )}
      {counting && (
        <div class="finding" role="status">
          <p>
            <strong>Everything is there.</strong> We sign in, count what is to
            be moved, and make the quote. It appears here and comes by mail; you
            need not wait.
          </p>
          <Bars what="the quote" lines={3} />
        </div>
      )}
      {r.state === "quoted" && (
        <>
          <h3>What it costs, and how long it takes</h3>
          <Offer request={r} version={got.version} again={got.again} />
        </>
      )}
    </>
  );
}
