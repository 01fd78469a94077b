// How one request of theirs stands, for its contacts.
import { A, Facts, Page, Section, Shown, StateBadge, Tabs, Time } from "../../parts";
import type { Request } from "../../types/portal";
import { mayApprove, useGet, useSession, type Got } from "../../use";
import { calendarDay } from "../../words";
import { SignInFinding } from "../request/sign_in";
import { Cancel, Turn } from "./decide";
import { Documents } from "./documents";
import { Result, Said } from "./ended";
import { Mailboxes, Messages, Timeline } from "./looked_up";
import { OwnersAsked } from "./owners";
import { isHeld, isOpen, meaning, titleOf } from "./plain";
import { Progress } from "./progress";
import { QuoteTable } from "./quote";

const MOVING = ["running", "ready for cutover", "cut over"];
/** States in which owners are asked, or know that they will be. */
const ASKED = ["approved", "scheduled", ...MOVING];

function Known(props: { request: Request }) {
  const r = props.request;
  return (
    <Facts
      facts={[
        ["Domain", r.domain ?? "not given"],
        ["Current server", r.owaUrl ?? "not given"],
        ["Start", r.start ? calendarDay(r.start) : "no day was set"],
        ["Cutover", r.cutover ? calendarDay(r.cutover) : "no day was set"],
        ["Asked for by", r.openedBy],
        ["Opened", <Time at={r.created} />],
      ]}
    />
  );
}

/** What was agreed on stands, and does not begin. */
function Held(props: { request: Request }) {
  const r = props.request;
  const may = mayApprove(useSession());
  return (
    <Section title="Other credentials are needed">
      {r.signIn !== null && <SignInFinding finding={r.signIn} />}
      <p>
        The quote, an approval and the day of the start stay as they are. But
        nothing is copied before we have credentials that work.
      </p>
      {may && (
        <div class="actions">
          <A class="button main" href={`/requests/${r.id}/setup?step=credentials`}>
            Give other credentials
          </A>
        </div>
      )}
    </Section>
  );
}

function Whole(props: { got: Got<Request>; request: Request }) {
  const { request: r, got } = props;
  const may = mayApprove(useSession());
  return (
    <>
      <p class="lead">{meaning(r)}</p>
      {r.state === "refused" && <Said id={r.id} action="request.refuse" />}
      {isHeld(r) && <Held request={r} />}
      <Turn got={got} request={r} />
      {ASKED.includes(r.state) && <OwnersAsked request={r.id} />}
      {r.state === "completed" && r.migration !== null && <Result request={r} />}
      {r.migration !== null && MOVING.includes(r.state) && (
        <Section title="How far it is">
          <Progress id={r.migration} state={r.state} />
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
      <Cancel got={got} request={r} />
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
