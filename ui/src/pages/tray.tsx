// Mails that nobody could place: read, then placed with a request, made a new
// one, or put aside; and those of ours that did not go out.
import "../style/request.css";

import { useState } from "preact/hooks";

import type { List } from "../api";
import { A, Button, Empty, Page, Shown, StateBadge, Tabs, Time } from "../parts";
import type { Mail, OutboxMail } from "../types/request";
import { useGet } from "../use";
import { several } from "../words";
import { CameIn, WentOut } from "./request/mail";
import { Settle, isStuck } from "./request/settle";
import { Done, Open, Place } from "./tray/deeds";

const MOST = 200;

/** Why it lies here, in words. */
const verdicts: Record<string, string> = {
  may: "From somebody who may ask; it says nothing that could be entered by itself",
  technical: "From a Technical Contact, who may look and not ask",
  unknown: "From an address that is not on file",
  "wrong-pair": "Partner ID and domain do not belong together",
  "which-account": "The sender speaks for several accounts, and does not say which",
  "not-theirs": "About a request of another account",
  "no-sender": "It does not name one sender",
  forged: "It does not come from where it says",
  flood: "One of too many within an hour",
  "no-request": "It asks for nothing that the desk knows",
  "too-large": "Too large to be read",
  encrypted: "Encrypted, so it cannot be read",
  bounce: "One of our mails could not be delivered",
  automatic: "A program's answer",
  list: "From a mailing list",
  loop: "One of our own that came back",
};

/* ---- what came in --------------------------------------------------------- */

type Deed = "place" | "open" | "done";

function Entry(props: { mail: Mail; done: () => void }) {
  const m = props.mail;
  const [open, setOpen] = useState(false);
  const [deed, setDeed] = useState<Deed>();
  const close = () => setDeed(undefined);
  const name = `mail-${m.id}`;
  const subject = m.subject || "without a subject";
  return (
    <li class="thread-mail in">
      <div class="thread-head">
        <div>
          <span class="hint">
            From {m.sender || "nobody named"} · <Time at={m.received} />
          </span>
          <h2>{subject}</h2>
          <p>
            {verdicts[m.verdict] ?? m.verdict}.{" "}
            {m.request !== null && (
              <>
                It answers request <A href={`/requests/${m.request}`}>{m.request}</A>.
              </>
            )}
          </p>
          {m.redacted && <span class="badge quiet">passwords taken out</span>}
        </div>
        <div class="actions">
          <Button
            aria-expanded={open}
            aria-controls={name}
            aria-label={`${open ? "Close" : "Read"}: ${subject}`}
            onClick={() => setOpen(!open)}
          >
            {open ? "Close" : "Read"}
          </Button>
          <Button aria-label={`Place: ${subject}`} onClick={() => setDeed("place")}>
            Place
          </Button>
          <Button aria-label={`New request: ${subject}`} onClick={() => setDeed("open")}>
            New request
          </Button>
          <Button aria-label={`Put aside: ${subject}`} onClick={() => setDeed("done")}>
            Put aside
          </Button>
        </div>
      </div>
      <div id={name}>{open && <CameIn id={m.id} />}</div>
      {deed === "place" && <Place mail={m} onClose={close} done={props.done} />}
      {deed === "open" && <Open mail={m} onClose={close} done={props.done} />}
      {deed === "done" && <Done mail={m} onClose={close} done={props.done} />}
    </li>
  );
}

function CameInList() {
  const got = useGet<List<Mail>>("/tray", {
    query: { limit: MOST, sort: "-id" },
    on: ["request"],
  });
  return (
    <Shown got={got} what="the tray" lines={6}>
      {(list) =>
        list.items.length === 0 ? (
          <Empty
            title="The tray is empty"
            hint="Mails that the desk cannot place by itself come here: strangers, contradictions, words that only a person understands."
          />
        ) : (
          <>
            {list.next !== null && (
              <p class="hint">These are the {MOST} that came last.</p>
            )}
            <ol class="thread">
              {list.items.map((m) => (
                <Entry key={m.id} mail={m} done={got.again} />
              ))}
            </ol>
          </>
        )
      }
    </Shown>
  );
}

/* ---- what did not go out -------------------------------------------------- */

function Stuck(props: { mail: OutboxMail; done: () => void }) {
  const m = props.mail;
  const [open, setOpen] = useState(false);
  const name = `out-${m.id}`;
  return (
    <li class="thread-mail out">
      <div class="thread-head">
        <div>
          <span class="hint">
            To {m.recipient} · <Time at={m.created} />
          </span>
          <h2>{m.subject}</h2>
          <StateBadge state={m.state} />
          {m.request !== null && (
            <A href={`/requests/${m.request}`}>request {m.request}</A>
          )}
          <p class="hint">
            {m.why ?? "no reason was told"}
            {m.tries > 1 && `; tried ${several(m.tries, "time")}`}
          </p>
        </div>
        <div class="actions">
          {isStuck(m.state) && (
            <Settle id={m.id} state={m.state} recipient={m.recipient} done={props.done} />
          )}
          <Button
            aria-expanded={open}
            aria-controls={name}
            aria-label={`${open ? "Close" : "Read"}: ${m.subject}`}
            onClick={() => setOpen(!open)}
          >
            {open ? "Close" : "Read"}
          </Button>
        </div>
      </div>
      <div id={name}>{open && <WentOut id={m.id} />}</div>
    </li>
  );
}

function StuckList() {
  const got = useGet<List<OutboxMail>>("/outbox", {
    query: { state: "unsure,failed,waiting", limit: MOST, sort: "-id" },
    on: ["request"],
  });
  // what waits for its first try is not stuck
  const stuck = (list: List<OutboxMail>) =>
    list.items.filter((m) => m.state !== "waiting" || m.tries > 0);
  return (
    <Shown got={got} what="the outbox" lines={4}>
      {(list) =>
        stuck(list).length === 0 ? (
          <Empty
            title="Nothing is stuck"
            hint="A mail that no server took, or of which nobody knows whether one did, would be listed here."
          />
        ) : (
          <ol class="thread">
            {stuck(list).map((m) => (
              <Stuck key={m.id} mail={m} done={got.again} />
            ))}
          </ol>
        )
      }
    </Shown>
  );
}

export function Tray() {
  return (
    <Page title="Tray" hint="Mails that wait for a person's word.">
      <Tabs
        tabs={[
          { name: "in", title: "Came in", body: () => <CameInList /> },
          { name: "out", title: "Did not go out", body: () => <StuckList /> },
        ]}
      />
    </Page>
  );
}
