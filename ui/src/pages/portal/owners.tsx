// Whose password is still waited for, for the contacts of a request.
import { useRef, useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Confirm, Section, Time, toast } from "../../parts";
import type { Owner } from "../../types/request";
import { mayApprove, useGet, useSession } from "../../use";

function Standing({ owner: o }: { owner: Owner }) {
  switch (o.state) {
    case "not asked":
      return <>will be asked once the migration is approved</>;
    case "waiting":
      return (
        <>
          was asked <Time at={o.asked} />; the link works until <Time at={o.expires} />
        </>
      );
    case "expired":
      return <>has not answered in time; the link opens nothing any more</>;
    case "refused":
      return <>gave passwords that the server refused; the link opens nothing any more</>;
  }
}

function SendAnew(props: { request: number; owner: Owner; done: () => void }) {
  const { owner: o } = props;
  const key = useRef(once());
  const [asking, ask] = useState(false);
  return (
    <>
      <Button aria-label={`Send a new link to ${o.address}`} onClick={() => ask(true)}>
        Send a new link
      </Button>
      {asking && (
        <Confirm
          title="Send a new link?"
          does={`A mail with a link to enter the password goes to ${o.address}. Links of earlier mails open nothing any more.`}
          confirm="Send it"
          onYes={async () => {
            await post(
              `/requests/${props.request}/owners`,
              { mailbox: o.mailbox },
              { once: key.current },
            );
            toast("The new link goes out by mail.");
          }}
          onClose={() => {
            key.current = once();
            ask(false);
            props.done();
          }}
        />
      )}
    </>
  );
}

// More are shown on request: the page is about the whole migration.
const FIRST = 8;

/** Nothing where nobody is waited for. */
export function OwnersAsked(props: { request: number }) {
  const may = mayApprove(useSession());
  const got = useGet<{ items: Owner[] }>(`/requests/${props.request}/owners`, {
    on: ["request"],
    about: (event) => event.data["request"] === props.request,
  });
  const [all, showAll] = useState(false);
  const owners = got.data?.items ?? [];
  const shown = all ? owners : owners.slice(0, FIRST);
  if (owners.length === 0) return null;
  return (
    <Section
      title="Passwords that are waited for"
      hint="Your import file says that these people give their passwords themselves."
    >
      <ul class="letters">
        {shown.map((o) => (
          <li key={`${o.mailbox} ${o.side}`}>
            <p>
              <strong>{o.address}</strong>, for the{" "}
              {o.side === "source" ? "current" : "new"} server:{" "}
              <Standing owner={o} />.
            </p>
            {may && o.state !== "not asked" && (
              <SendAnew request={props.request} owner={o} done={got.again} />
            )}
          </li>
        ))}
      </ul>
      {shown.length < owners.length && (
        <Button onClick={() => showAll(true)}>Show all {owners.length}</Button>
      )}
    </Section>
  );
}
