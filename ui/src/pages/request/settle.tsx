// An operator's word on a mail that waits, failed, or of which nobody knows.
import { useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Confirm, toast } from "../../parts";

type Word = "arrived" | "send-again" | "drop";
type Stuck = "unsure" | "failed" | "waiting" | "dropped";

export const isStuck = (state: string): state is Stuck =>
  ["unsure", "failed", "waiting", "dropped"].includes(state);

const said = (word: Word, recipient: string) =>
  ({
    arrived: "It counts as sent.",
    "send-again": `It waits to be sent to ${recipient}.`,
    drop: `It is not sent to ${recipient}.`,
  })[word];

export function Settle(props: {
  id: number;
  state: Stuck;
  recipient: string;
  done?: () => void;
}) {
  const [word, ask] = useState<Word>();
  const [key] = useState(once);
  const say = async (action: Word) => {
    await post(`/outbox/${props.id}/actions`, { action }, { once: key + action });
    toast(said(action, props.recipient));
    props.done?.();
  };
  return (
    <>
      {props.state === "unsure" && (
        <Button onClick={() => ask("arrived")}>It arrived</Button>
      )}
      {props.state !== "waiting" && (
        <Button onClick={() => ask("send-again")}>Send again</Button>
      )}
      {props.state !== "dropped" && (
        <Button onClick={() => ask("drop")}>Drop</Button>
      )}
      {word === "drop" && (
        <Confirm
          title="Drop it?"
          does={
            <p>
              It is never sent to {props.recipient}, unless somebody sends it
              again. This stands on the audit trail.
            </p>
          }
          confirm="Drop"
          danger
          onYes={() => say("drop")}
          onClose={() => ask(undefined)}
        />
      )}
      {word === "send-again" && (
        <Confirm
          title="Send it again?"
          does={
            <p>
              The same mail goes to {props.recipient} once more.
              {props.state === "unsure" &&
                " The server may have taken it the first time: then they get it twice. Its log knows, by the Message-ID."}
            </p>
          }
          confirm="Send again"
          onYes={() => say("send-again")}
          onClose={() => ask(undefined)}
        />
      )}
      {word === "arrived" && (
        <Confirm
          title="Did it arrive?"
          does={
            <p>
              It counts as sent to {props.recipient} and is never tried again.
              This stands on the audit trail.
            </p>
          }
          confirm="It arrived"
          onYes={() => say("arrived")}
          onClose={() => ask(undefined)}
        />
      )}
    </>
  );
}
