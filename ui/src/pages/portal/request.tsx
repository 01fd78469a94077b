// How one request of theirs stands, for its contacts.
import { useRef, useState } from "preact/hooks";

import { once, post, type List } from "../../api";
import {
  A,
  Button,
  Confirm,
  Empty,
  Facts,
  Page,
  Section,
  Shown,
  StateBadge,
  Table,
  Tabs,
  Time,
  toast,
} from "../../parts";
import type {
  Letter,
  Mailbox,
  Request,
  TimelineLine,
} from "../../types/portal";
import { mayApprove, useGet, useSession, type Got } from "../../use";
import { calendarDay } from "../../words";
import { Offer } from "./approve";
import { ChangeDays } from "./days";
import { Documents } from "./documents";
import { Result, Said } from "./ended";
import { OwnersAsked } from "./owners";
import { deed, doer, isOpen, meaning, titleOf, told } from "./plain";
import { Progress } from "./progress";
import { QuoteTable } from "./quote";

/* ---- what is to be decided ------------------------------------------------ */

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
    does: "MX and Autodiscover point to the new servers. We then carry over what has still come in at the old ones, keep looking there for three days, compare every item, and send you the certificate. This cannot be taken back.",
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

function Turn(props: { got: Got<Request>; request: Request }) {
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

/* ---- the parts that are looked up ----------------------------------------- */

function Mailboxes(props: { migration: number | null }) {
  const got = useGet<List<Mailbox>>(
    props.migration === null ? null : `/migrations/${props.migration}/mailboxes`,
    { query: { limit: 500 }, on: ["mailbox"] },
  );
  if (props.migration === null) {
    return <Empty title="Not counted yet" hint="They appear once the import file was looked at." />;
  }
  return (
    <Shown got={got} what="the mailboxes">
      {(list) => (
        <>
          <Table
            caption="mailboxes"
            rows={list.items}
            rowKey={(m) => m.id}
            sort="source"
            empty={<Empty title="No mailboxes" />}
            columns={[
              { name: "source", title: "Mailbox", by: (m) => m.source, cell: (m) => m.source },
              {
                name: "state",
                title: "State",
                by: (m) => m.state,
                cell: (m) => (
                  <>
                    <StateBadge state={m.state} />
                    {m.reason !== null && (
                      <span class="hint why">
                        {m.reason}
                        {m.remedy !== null && `: ${m.remedy}`}
                      </span>
                    )}
                  </>
                ),
              },
              { name: "copied", title: "Items copied", number: true, by: (m) => m.copied, cell: (m) => `${m.copied} of ${m.items}` },
              { name: "failed", title: "Failed", number: true, by: (m) => m.failed, cell: (m) => m.failed },
            ]}
          />
          {list.next !== null && (
            <p class="hint">
              The first {list.items.length} are shown; all are in the report
              under Documents.
            </p>
          )}
        </>
      )}
    </Shown>
  );
}

function Messages(props: { id: number }) {
  const got = useGet<List<Letter>>(`/requests/${props.id}/conversation`, {
    query: { limit: 500 },
    on: ["request"],
  });
  return (
    <Shown got={got} what="the messages">
      {(list) =>
        list.items.length === 0 ? (
          <Empty title="No mail yet" />
        ) : (
          <ol class="letters">
            {list.items.map((l) => (
              <li key={`${l.direction}${l.id}`}>
                <strong>{l.subject}</strong>
                <p class="hint">
                  {l.direction === "out" ? "To" : "From"} {l.person},{" "}
                  <Time at={l.at} />
                </p>
              </li>
            ))}
          </ol>
        )
      }
    </Shown>
  );
}

function Timeline(props: { id: number }) {
  const got = useGet<List<TimelineLine>>(`/requests/${props.id}/timeline`, {
    query: { limit: 500 },
    on: ["request"],
  });
  return (
    <Shown got={got} what="the timeline">
      {(list) => (
        <ol class="timeline">
          {list.items.map((line) => (
            <li key={line.id}>
              <strong>{deed(line.action)}</strong> <Time at={line.at} />
              <p class="hint">
                {[doer(line), told(line)].filter(Boolean).join(": ")}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Shown>
  );
}

/* ---- the page ------------------------------------------------------------- */

const MOVING = ["running", "ready for cutover", "cut over"];
/** States in which owners are asked, or know that they will be. */
const ASKED = ["approved", "scheduled", ...MOVING];

function Known(props: { request: Request }) {
  const r = props.request;
  return (
    <Facts
      facts={[
        ["Domain", r.domain ?? "open"],
        ["Current server", r.owaUrl ?? "open"],
        ["Start", r.start ? calendarDay(r.start) : "open"],
        ["Cutover", r.cutover ? calendarDay(r.cutover) : "open"],
        ["Asked for by", r.openedBy],
        ["Opened", <Time at={r.created} />],
      ]}
    />
  );
}

function Whole(props: { got: Got<Request>; request: Request }) {
  const { request: r, got } = props;
  const may = mayApprove(useSession());
  const cancel = deeds["cancel"];
  return (
    <>
      <p class="lead">{meaning(r)}</p>
      {r.state === "refused" && <Said id={r.id} action="request.refuse" />}
      <Turn got={got} request={r} />
      {ASKED.includes(r.state) && <OwnersAsked request={r.id} />}
      {r.state === "completed" && r.migration !== null && <Result request={r} />}
      {r.migration !== null && MOVING.includes(r.state) && (
        <Section title="How far it is">
          <Progress id={r.migration} />
        </Section>
      )}
      <Tabs
        tabs={[
          {
            name: "known",
            title: "Overview",
            body: () => (
              <>
                <Known request={r} />
                {may && isOpen(r) && (
                  <p>
                    <A href={`/requests/${r.id}/setup?step=review`}>
                      Change something
                    </A>
                  </p>
                )}
                {r.quote !== null && r.state !== "quoted" && (
                  <QuoteTable quote={r.quote} />
                )}
              </>
            ),
          },
          { name: "mailboxes", title: "Mailboxes", body: () => <Mailboxes migration={r.migration} /> },
          { name: "messages", title: "Messages", body: () => <Messages id={r.id} /> },
          { name: "documents", title: "Documents", body: () => <Documents request={r} /> },
          { name: "timeline", title: "Timeline", body: () => <Timeline id={r.id} /> },
        ]}
      />
      {may && cancel && cancellable.includes(r.state) && (
        <div class="actions last">
          <Decide got={got} request={r} deed={cancel} />
        </div>
      )}
    </>
  );
}

export function PortalRequest(props: { id: string }) {
  const got = useGet<Request>(`/requests/${props.id}`, {
    on: ["request", "migration"],
  });
  return (
    <Page
      title={got.data ? titleOf(got.data) : `Request ${props.id}`}
      badge={got.data && <StateBadge state={got.data.state} />}
      hint={got.data && `Request ${got.data.id}`}
      crumbs={[{ href: "/", text: "Your migrations" }]}
    >
      <Shown got={got} what="the request" lines={6}>
        {(r) => <Whole got={got} request={r} />}
      </Shown>
    </Page>
  );
}
