// One request, as operators see it: what is known and missing, what it waits
// for, all that was said, and what can be decided.
import "../style/request.css";

import { A, Bars, Fault, Facts, Page, Section, StateBadge, Tabs, Time } from "../parts";
import { useGet } from "../use";
import { calendarDay } from "../words";
import { TURNS, type Request } from "../types/request";
import { Actions, person } from "./request/actions";
import { Checklist } from "./request/checklist";
import { Conversation } from "./request/conversation";
import { Files } from "./request/files";
import { History } from "./request/history";
import { Owners } from "./request/owners";
import { QuoteTable } from "./request/quote";

const title = (r: Request) => `${r.id} · ${r.domain ?? "no domain yet"}`;

function Waiting(props: { request: Request }) {
  const { waits } = props.request;
  if (waits.for === "nobody") {
    return (
      <>
        Nothing is to come. It is so since <Time at={waits.since} />.
      </>
    );
  }
  return (
    <>
      {waits.late && <span class="badge bad">overdue</span>} Next:{" "}
      <strong>{waits.text}</strong>
      {"; "}
      {TURNS[waits.for]}
      {waits.since && (
        <>
          {" "}
          for <Time at={waits.since} lasting />
        </>
      )}
      {waits.until && (
        <>
          , until <Time at={waits.until} />
        </>
      )}
      .{waits.remedy && <> What to do: {waits.remedy}.</>}
    </>
  );
}

function Known(props: { request: Request }) {
  const r = props.request;
  return (
    <Facts
      facts={[
        [
          "Letters go to",
          r.contact ? (
            person(r.contact)
          ) : (
            <span class="badge warn">nobody on file may have them</span>
          ),
        ],
        ["Opened by", r.openedBy],
        ["Account", <A href={`/accounts/${r.account}`}>{r.partner ?? r.account}</A>],
        [
          "Migration",
          r.migration === null ? (
            <span class="hint">none yet</span>
          ) : (
            <A href={`/migrations/${r.migration}`}>{r.migration}</A>
          ),
        ],
        ["Start", r.start ? calendarDay(r.start) : <span class="hint">no day yet</span>],
        ["Cutover", r.cutover ? calendarDay(r.cutover) : <span class="hint">no day yet</span>],
        ["Opened", <Time at={r.created} />],
        ["Last change", <Time at={r.changed} />],
      ]}
    />
  );
}

export function RequestPage(props: { id: string }) {
  const id = Number(props.id);
  const got = useGet<Request>(`/requests/${props.id}`, {
    on: ["request"],
    about: (event) => event.data["request"] === id,
  });
  const r = got.data;
  if (r === undefined) {
    return (
      <Page title={`Request ${props.id}`} crumbs={[{ href: "/requests", text: "Requests" }]}>
        {got.problem ? (
          <Fault problem={got.problem} again={got.again} />
        ) : (
          <Bars lines={10} what="the request" />
        )}
      </Page>
    );
  }
  return (
    <Page
      title={title(r)}
      crumbs={[{ href: "/requests", text: "Requests" }]}
      badge={<StateBadge state={r.state} />}
      hint={<Waiting request={r} />}
      actions={<Actions request={r} version={got.version} done={got.again} />}
    >
      {got.problem && <Fault problem={got.problem} again={got.again} />}
      <div class="halves">
        <Section title="Checklist">
          <Checklist request={r} />
        </Section>
        <Section title="At a glance">
          <Known request={r} />
        </Section>
      </div>
      <Tabs
        tabs={[
          {
            name: "mails",
            title: "Conversation",
            body: () => <Conversation request={id} />,
          },
          {
            name: "quote",
            title: "Quote",
            body: () => <QuoteTable quote={r.quote} state={r.state} />,
          },
          {
            name: "owners",
            title: "Passwords",
            body: () => <Owners request={id} />,
          },
          {
            name: "history",
            title: "History",
            body: () => <History request={id} />,
          },
          {
            name: "files",
            title: "Files",
            body: () => <Files request={id} counts={r.file} />,
          },
        ]}
      />
    </Page>
  );
}
