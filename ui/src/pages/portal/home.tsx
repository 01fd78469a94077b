// A contact's own requests, and what each waits for.
import { type List } from "../../api";
import { A, Empty, Page, Section, Shown, StateBadge, Time } from "../../parts";
import type { Request } from "../../types/portal";
import { mayApprove, useGet, useSession } from "../../use";
import { isHeld, isOpen, isOver, meaning, titleOf } from "./plain";

/** What they can do about it, on the card itself. */
function next(r: Request, approves: boolean): string | undefined {
  if (r.state === "awaiting information" && r.missing.length > 0 && approves) {
    return "Send what is missing";
  }
  if (isHeld(r) && approves) return "Give other credentials";
  if (r.state === "quoted" && r.quote !== null && approves) {
    return "See the quote";
  }
  if (r.state === "ready for cutover" && approves) return "See what is to do";
  return undefined;
}

function Card(props: { request: Request; approves: boolean }) {
  const r = props.request;
  const todo = next(r, props.approves);
  const setup = isHeld(r)
    ? "/setup?step=credentials"
    : isOpen(r) && r.missing.length > 0 && props.approves
      ? "/setup"
      : "";
  return (
    <li class={todo === undefined ? "card" : "card turn"}>
      <h3>
        <A href={`/requests/${r.id}`}>{titleOf(r)}</A> <StateBadge state={r.state} />
      </h3>
      <p>{meaning(r)}</p>
      <p class="hint">
        Request {r.id}, opened by {r.openedBy}; last changed{" "}
        <Time at={r.changed} short />
      </p>
      {todo !== undefined && (
        <A
          class="button main"
          href={`/requests/${r.id}${setup}`}
        >
          {todo}
        </A>
      )}
    </li>
  );
}

export function PortalHome() {
  const who = useSession();
  const approves = mayApprove(who);
  const got = useGet<List<Request>>("/requests", {
    query: { sort: "-id", limit: 500 },
    on: ["request", "migration"],
  });
  return (
    <Page
      title="Your migrations"
      hint={`Signed in as ${who.name}.`}
      actions={
        approves && (
          <A class="button main" href="/new">
            New migration
          </A>
        )
      }
    >
      <Shown got={got} what="your requests" lines={5}>
        {(list) => (
          <>
            <Cards
              title="Under way"
              of={list.items.filter((r) => !isOver(r))}
              approves={approves}
              empty={
                <Empty
                  title="No migration is under way"
                  hint={
                    approves
                      ? "A migration moves the mailboxes of a domain from its current Exchange provider to ours. You need the address of its Outlook on the web, and a list of the mailboxes."
                      : "The Primary or the Primary Billing Contact of your account may ask for one: it is billable."
                  }
                />
              }
            />
            {list.items.some(isOver) && (
              <Cards
                title="Over"
                of={list.items.filter(isOver)}
                approves={approves}
              />
            )}
          </>
        )}
      </Shown>
    </Page>
  );
}

function Cards(props: {
  title: string;
  of: Request[];
  approves: boolean;
  empty?: preact.ComponentChildren;
}) {
  return (
    <Section title={props.title}>
      {props.of.length === 0 && props.empty}
      <ul class="cards">
        {props.of.map((r) => (
          <Card key={r.id} request={r} approves={props.approves} />
        ))}
      </ul>
    </Section>
  );
}
