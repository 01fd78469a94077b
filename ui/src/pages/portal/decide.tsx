// What a contact has to decide about a request, and what each decision does.
import { useRef, useState } from "preact/hooks";

import { once, post } from "../../api";
import { A, Button, Confirm, Section, toast } from "../../parts";
import type { Request } from "../../types/portal";
import { mayApprove, useSession, type Got } from "../../use";
import { Offer } from "./approve";
import { ChangeDays } from "./days";
import { isOpen } from "./plain";

interface Deed {
  action: string;
  button: string;
  kind: "main" | "danger" | "plain";
  title: string;
  does: string;
  done: string;
}

const deeds: Record<string, Deed> = {
  "cut-over": {
    action: "cut-over",
    button: "Our users have moved",
    kind: "main",
    title: "Have your users moved?",
    does: "MX and Autodiscover point to the new servers. We then carry over what has still come in at the old ones, keep looking there for some days, compare every item, and send you the certificate. This cannot be taken back.",
    done: "Thank you. We carry over the rest now.",
  },
  "quote-again": {
    action: "quote-again",
    button: "Ask for another quote",
    kind: "main",
    title: "Ask for another quote?",
    does: "We count once more what is to be moved, and send you a quote with today's prices. Nothing begins before it is approved.",
    done: "We make another quote.",
  },
  cancel: {
    action: "cancel",
    button: "Cancel the migration",
    kind: "danger",
    title: "Cancel this migration?",
    does: "It stops, and the passwords that we have are destroyed. What was copied stays at the new servers; nothing at the old ones is touched. Work that was done may be billed. It cannot be taken up again: a new request would be needed.",
    done: "Cancelled.",
  },
};

function Decide(props: { got: Got<Request>; request: Request; deed: Deed }) {
  const { deed: d, got } = props;
  const key = useRef(once());
  const [asking, ask] = useState(false);
  return (
    <>
      <Button kind={d.kind} onClick={() => ask(true)}>
        {d.button}
      </Button>
      {asking && (
        <Confirm
          title={d.title}
          does={<p>{d.does}</p>}
          confirm={d.button}
          danger={d.kind === "danger"}
          onYes={async () => {
            await post(
              `/requests/${props.request.id}/actions`,
              { action: d.action },
              { once: key.current, version: got.version },
            );
            toast(d.done);
          }}
          onClose={() => {
            key.current = once();
            ask(false);
            got.again();
          }}
        />
      )}
    </>
  );
}

export function Turn(props: { got: Got<Request>; request: Request }) {
  const { request: r, got } = props;
  const who = useSession();
  const may = mayApprove(who);
  if (r.state === "quoted" && r.quote !== null) {
    return (
      <Section title="The quote">
        <Offer request={r} version={got.version} again={got.again} />
      </Section>
    );
  }
  if (isOpen(r) && r.missing.length > 0) {
    return (
      <Section title="What is still needed">
        <ul>
          {r.missing.map((m) => (
            <li key={m.piece}>{m.text}</li>
          ))}
        </ul>
        {may && (
          <div class="actions">
            <A class="button main" href={`/requests/${r.id}/setup`}>
              Go on
            </A>
          </div>
        )}
      </Section>
    );
  }
  if (r.state === "scheduled") return may ? <TheDay got={got} request={r} /> : null;
  const todo =
    r.state === "ready for cutover"
      ? deeds["cut-over"]
      : r.state === "expired"
        ? deeds["quote-again"]
        : undefined;
  if (!may || todo === undefined) return null;
  return (
    <Section title="Your turn">
      {r.state === "ready for cutover" && <Checklist />}
      <div class="actions">
        <Decide got={got} request={r} deed={todo} />
      </div>
    </Section>
  );
}

function TheDay(props: { got: Got<Request>; request: Request }) {
  const [changing, change] = useState(false);
  return (
    <div class="actions">
      <Button onClick={() => change(true)}>Change the days</Button>
      {changing && <ChangeDays {...props} onClose={() => change(false)} />}
    </div>
  );
}

function Checklist() {
  return (
    <ol class="checklist">
      <li>Point the domain's MX records to the new servers.</li>
      <li>Point Autodiscover there, so that Outlook finds them.</li>
      <li>
        Enter the X500 addresses of the report at the new mailboxes, so that
        answers to old mail arrive.
      </li>
      <li>Look through permissions and delegates of shared mailboxes.</li>
    </ol>
  );
}

const cancellable = [
  "received",
  "awaiting information",
  "quoted",
  "expired",
  "approved",
  "scheduled",
  "running",
  "ready for cutover",
];

/** As long as it can be, for who may. */
export function Cancel(props: { got: Got<Request>; request: Request }) {
  const cancel = deeds["cancel"];
  const may = mayApprove(useSession());
  if (!may || cancel === undefined || !cancellable.includes(props.request.state)) return null;
  return (
    <div class="actions last">
      <Decide {...props} deed={cancel} />
    </div>
  );
}
