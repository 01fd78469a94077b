// Mails both ways, the last one first.  What they say is shown as text.
import { useState } from "preact/hooks";

import { all } from "../../api";
import { Button, Empty, Shown, StateBadge, Time } from "../../parts";
import type { Letter } from "../../types/request";
import { useAll } from "./all";
import { CameIn, WentOut } from "./mail";
import { Settle, isStuck } from "./settle";

function About(props: { letter: Letter }) {
  const l = props.letter;
  return (
    <>
      {l.direction === "out" && <StateBadge state={l.state} />}
      {l.direction === "in" && l.state === "tray" && (
        <span class="badge warn">in the tray</span>
      )}
      {l.redacted && <span class="badge quiet">passwords taken out</span>}
      {l.verdict !== null && l.verdict !== "may" && (
        <span class="badge quiet">{l.verdict}</span>
      )}
    </>
  );
}

function Entry(props: { letter: Letter }) {
  const l = props.letter;
  const [open, setOpen] = useState(false);
  const name = `letter-${l.direction}-${l.id}`;
  return (
    <li class={`thread-mail ${l.direction}`}>
      <div class="thread-head">
        <div>
          <span class="hint">
            {l.direction === "in" ? "From" : "To"} {l.person || "nobody named"} ·{" "}
            <Time at={l.at} />
          </span>
          <h3>{l.subject || "without a subject"}</h3>
          <About letter={l} />
          {l.why && <p class="hint">{l.why}</p>}
        </div>
        <div class="actions">
          {l.direction === "out" && isStuck(l.state) && (
            <Settle id={l.id} state={l.state} recipient={l.person} />
          )}
          <Button
            aria-expanded={open}
            aria-controls={name}
            aria-label={`${open ? "Close" : "Read"}: ${l.subject}`}
            onClick={() => setOpen(!open)}
          >
            {open ? "Close" : "Read"}
          </Button>
        </div>
      </div>
      <div id={name}>
        {open && (l.direction === "in" ? <CameIn id={l.id} /> : <WentOut id={l.id} />)}
      </div>
    </li>
  );
}

export function Conversation(props: { request: number }) {
  const got = useAll(
    (signal) =>
      all<Letter>(
        `/requests/${props.request}/conversation`,
        { limit: 500, sort: "-id" },
        5000,
        signal,
      ),
    props.request,
  );
  return (
    <Shown got={got} what="the conversation" lines={6}>
      {(letters) =>
        letters.length === 0 ? (
          <Empty
            title="No mail came or went"
            hint="Mails to the desk that answer one of ours, or carry the request's number, are listed here, and each that we send."
          />
        ) : (
          <ol class="thread">
            {letters.map((l) => (
              <Entry key={`${l.direction}-${l.id}`} letter={l} />
            ))}
          </ol>
        )
      }
    </Shown>
  );
}
