// An operator's word on a mail that failed, or of which nobody knows.
import { useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Confirm, toast } from "../../parts";

type Word = "arrived" | "send-again";

export function Settle(props: {
  id: number;
  state: "unsure" | "failed";
  recipient: string;
  done?: () => void;
}) {
  const [word, ask] = useState<Word>();
  const [key] = useState(once);
  const say = async (action: Word) => {
    await post(`/outbox/${props.id}/actions`, { action }, { once: key + action });
    toast(
      action === "arrived"
        ? "It counts as sent."
        : `It waits to be sent to ${props.recipient}.`,
    );
    props.done?.();
  };
  return (
    <>
      {props.state === "unsure" && (
        <Button onClick={() => ask("arrived")}>It arrived</Button>
      )}
      <Button onClick={() => ask("send-again")}>Send again</Button>
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
