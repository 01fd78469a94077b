// A request step by step.  Each step is saved when it is left, and has an
// address of its own: one can go back, close the page, and come again.
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { A, Page, Shown } from "../../parts";
import { go, useQuery } from "../../route";
import type { Request } from "../../types/portal";
import { mayApprove, useGet, useSession, type Got } from "../../use";
import { isOpen, takesCredentials } from "./plain";
import { Missing } from "../missing";
import { CredentialsStep } from "./step_credentials";
import { DatesStep } from "./step_dates";
import { DomainStep } from "./step_domain";
import { FileStep } from "./step_file";
import { ReviewStep } from "./step_review";
import { ServerStep } from "./step_server";

export interface StepProps {
  request: Request;
  got: Got<Request>;
  /** To the step after this one. */
  next: () => void;
}

interface Step {
  name: string;
  title: string;
  /** Words of struct request.missing that this step supplies. */
  pieces: readonly string[];
  /** Is something there? */
  has: (r: Request) => boolean;
  body: ComponentType<StepProps>;
}

const steps: readonly Step[] = [
  {
    name: "domain",
    title: "Domain",
    pieces: ["domain", "partner-id"],
    has: (r) => r.domain !== null,
    body: ({ request, next }) => <DomainStep request={request} next={next} />,
  },
  {
    name: "server",
    title: "Current server",
    pieces: ["owa-url", "owa-url-unreachable"],
    has: (r) => r.owaUrl !== null,
    body: ServerStep,
  },
  {
    name: "file",
    title: "Mailboxes",
    pieces: ["import-file", "import-file-sort", "import-file-faults"],
    has: (r) => r.file !== null,
    body: FileStep,
  },
  {
    name: "credentials",
    title: "Credentials",
    pieces: ["credentials", "credentials-refused"],
    has: (r) => r.hasPassword || r.file !== null,
    body: CredentialsStep,
  },
  {
    name: "dates",
    title: "Dates",
    pieces: ["date"],
    has: (r) => r.start !== null || r.cutover !== null,
    body: DatesStep,
  },
  {
    name: "review",
    title: "Review",
    pieces: [],
    has: (r) => r.state === "quoted",
    body: ReviewStep,
  },
];

const lacks = (step: Step, r: Request) =>
  r.missing.some((m) => step.pieces.includes(m.piece));
const isDone = (step: Step, r: Request) => step.has(r) && !lacks(step, r);

/** Where to go on: the first step that lacks something. */
export const firstOpen = (r: Request) =>
  steps.find((step) => lacks(step, r))?.name ?? "review";

function Steps(props: { request: Request | undefined; now: string }) {
  const r = props.request;
  return (
    <nav aria-label="Steps">
      <ol class="steps">
        {steps.map((step, i) => {
          const done = r !== undefined && isDone(step, r);
          const said = done ? "done" : r && lacks(step, r) ? "to do" : "";
          const inside = (
            <>
              <span class="dot" aria-hidden="true">
                {done ? "✓" : i + 1}
              </span>
              <span class="name">{step.title}</span>
              {said !== "" && <span class="heard">, {said}</span>}
            </>
          );
          return (
            <li key={step.name} class={done ? "done" : undefined}>
              {r === undefined ? (
                <span aria-current={step.name === props.now ? "step" : undefined}>
                  {inside}
                </span>
              ) : (
                <A
                  href={`/requests/${r.id}/setup?step=${step.name}`}
                  aria-current={step.name === props.now ? "step" : undefined}
                >
                  {inside}
                </A>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** Before there is a request: its domain opens it. */
export function NewRequest() {
  const who = useSession();
  if (!mayApprove(who)) return <Missing />;
  return (
    <Page title="New migration" crumbs={[{ href: "/", text: "Your migrations" }]}>
      <Steps request={undefined} now="domain" />
      <div class="step">
        <DomainStep
          request={undefined}
          next={(id) => go(`/requests/${id}/setup?step=server`)}
        />
      </div>
    </Page>
  );
}

export function Wizard(props: { id: string }) {
  const may = mayApprove(useSession());
  const got = useGet<Request>(may ? `/requests/${props.id}` : null, {
    on: ["request", "migration"],
  });
  const [name] = useQuery("step");
  if (!may) return <Missing />;
  return (
    <Page
      part={steps.find((step) => step.name === name)?.title}
      title={got.data?.domain ? `Migration of ${got.data.domain}` : "New migration"}
      crumbs={[
        { href: "/", text: "Your migrations" },
        { href: `/requests/${props.id}`, text: `Request ${props.id}` },
      ]}
    >
      <Shown got={got} what="the request" lines={6}>
        {(r) => <At got={got} request={r} name={name} />}
      </Shown>
    </Page>
  );
}

function At(props: { got: Got<Request>; request: Request; name: string }) {
  const { request: r, got } = props;
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef(props.name);

  // who cannot see that another step is there is told by its heading
  useEffect(() => {
    if (shown.current !== props.name) box.current?.querySelector("h2")?.focus();
    shown.current = props.name;
  }, [props.name]);
  if (!isOpen(r) && takesCredentials(r) && props.name === "credentials") {
    return (
      <div ref={box} class="step">
        <CredentialsStep
          request={r}
          got={got}
          next={() => go(`/requests/${r.id}`)}
        />
      </div>
    );
  }
  if (!isOpen(r)) {
    return (
      <p class="notice">
        This request has gone on: it is {r.state}. <A href={`/requests/${r.id}`}>
        See how it stands.</A>
      </p>
    );
  }
  const wanted = props.name === "" ? firstOpen(r) : props.name;
  const at = Math.max(0, steps.findIndex((step) => step.name === wanted));
  const step = steps[at] as Step;
  const Body = step.body;
  return (
    <>
      <Steps request={r} now={step.name} />
      <div key={step.name} ref={box} class="step">
        <Body
          request={r}
          got={got}
          next={() => {
            got.again();
            go(`/requests/${r.id}/setup?step=${steps[at + 1]?.name ?? "review"}`);
          }}
        />
      </div>
    </>
  );
}
