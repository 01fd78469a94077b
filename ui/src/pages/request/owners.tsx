// Owners of mailboxes who are to give their password, and have not.
import { useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Confirm, Empty, Fault, Shown, Table, Time, toast } from "../../parts";
import type { Owner } from "../../types/request";
import { useDoing, useGet } from "../../use";
import { several } from "../../words";

const tones: Record<Owner["state"], string> = {
  "not asked": "quiet",
  waiting: "waiting",
  expired: "bad",
  refused: "bad",
};

const meanings: Record<Owner["state"], string> = {
  "not asked": "asked once the migration is approved",
  waiting: "has a link that works",
  expired: "did not answer in time",
  refused: "the server refused each try",
};

const isOver = (o: Owner) => o.state === "expired" || o.state === "refused";

/** mailbox: of one; without: of each whose link opens nothing. */
function AskAnew(props: { request: number; mailbox?: Owner; n: number; done: () => void }) {
  const [asks, setAsks] = useState(false);
  const doing = useDoing();
  const { mailbox } = props;
  const send = () =>
    doing.run(async () => {
      await post(
        `/requests/${props.request}/owners`,
        mailbox ? { mailbox: mailbox.mailbox } : {},
        { once: once() },
      );
      setAsks(false);
      toast("The new link goes out by mail.");
      props.done();
    });
  const whom = mailbox ? mailbox.address : several(props.n, "owner", "owners");
  return (
    <>
      {doing.problem && <Fault problem={doing.problem} />}
      <Button
        busy={doing.busy}
        aria-label={mailbox && `New link for ${mailbox.address}`}
        onClick={() => setAsks(true)}
      >
        {mailbox ? "New link" : `New links for ${whom}`}
      </Button>
      {asks && (
        <Confirm
          title="Send a new link?"
          does={`A mail with a link to enter the password goes to ${whom}. Links of earlier mails open nothing any more.`}
          confirm="Send it"
          onYes={send}
          onClose={() => setAsks(false)}
        />
      )}
    </>
  );
}

export function Owners(props: { request: number }) {
  const got = useGet<{ items: Owner[] }>(`/requests/${props.request}/owners`, {
    on: ["request"],
    about: (event) => event.data["request"] === props.request,
  });
  return (
    <Shown got={got} what="owners">
      {(list) => (
        <>
          {list.items.some(isOver) && (
            <div class="actions above">
              <AskAnew
                request={props.request}
                n={list.items.filter(isOver).length}
                done={got.again}
              />
            </div>
          )}
          <Table
            caption="owners who have not given a password"
            param="owners"
            rows={list.items}
            rowKey={(o) => `${o.mailbox} ${o.side}`}
            empty={
              <Empty
                title="No password is waited for"
                hint="Owners are asked where the import file says AskSourceOwner or AskDestinationOwner."
              />
            }
            columns={[
              { name: "address", title: "Owner", by: (o) => o.address, cell: (o) => o.address },
              { name: "side", title: "Password at", by: (o) => o.side, cell: (o) => `the ${o.side}` },
              {
                name: "state",
                title: "State",
                by: (o) => o.state,
                cell: (o) => (
                  <>
                    <span class={`badge ${tones[o.state]}`}>{o.state}</span>{" "}
                    <span class="hint">{meanings[o.state]}</span>
                  </>
                ),
              },
              { name: "asked", title: "Asked", by: (o) => o.asked ?? "", cell: (o) => <Time at={o.asked} none="not yet" /> },
              { name: "reminded", title: "Reminded", by: (o) => o.reminded ?? "", cell: (o) => <Time at={o.reminded} none="not yet" /> },
              { name: "expires", title: "Link works until", by: (o) => o.expires ?? "", cell: (o) => <Time at={o.expires} none="–" /> },
              {
                name: "anew",
                title: "Once more",
                cell: (o) =>
                  o.state === "not asked" ? null : (
                    <AskAnew request={props.request} mailbox={o} n={1} done={got.again} />
                  ),
              },
            ]}
          />
        </>
      )}
    </Shown>
  );
}
