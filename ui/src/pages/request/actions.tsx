// What can be decided about a request: each says before what it will do, and
// what is sent to whom.
import { useState } from "preact/hooks";

import { once, post } from "../../api";
import { Area, Button, Dialog, Form, Input, StateBadge, toast, wrongIn } from "../../parts";
import type { Choice, Request, Verb } from "../../types/request";
import { useDoing } from "../../use";

interface Deed {
  button: string;
  title: string;
  done: string;
  danger?: boolean;
  reason: { label: string; hint: string; needed: boolean };
}

const deeds: Record<Verb, Deed> = {
  approve: {
    button: "Approve by hand",
    title: "Approve by hand?",
    done: "It is approved.",
    reason: {
      label: "Who has agreed to the price, and how",
      hint: "This costs the partner money. It stands on the audit trail.",
      needed: true,
    },
  },
  schedule: {
    button: "Set the days",
    title: "Set the days",
    done: "Its days are set.",
    reason: { label: "Why", hint: "For the audit trail.", needed: false },
  },
  "cut-over": {
    button: "Users have moved",
    title: "Have the users moved?",
    done: "The last changes are copied now.",
    reason: {
      label: "Who has said so",
      hint: "The last changes are copied, then everything is verified, and it ends. For the audit trail.",
      needed: false,
    },
  },
  "quote-again": {
    button: "Quote again",
    title: "Quote it again?",
    done: "It is checked and quoted again.",
    reason: { label: "Why", hint: "For the audit trail.", needed: false },
  },
  refuse: {
    button: "Refuse",
    title: "Refuse it?",
    done: "It is refused.",
    danger: true,
    reason: { label: "Why", hint: "It stands in the mail.", needed: true },
  },
  cancel: {
    button: "Cancel it",
    title: "Cancel it?",
    done: "It is cancelled.",
    danger: true,
    reason: { label: "Why", hint: "For the audit trail.", needed: false },
  },
};

/** What a request that waits for it goes on by. */
const onward: readonly Verb[] = ["approve", "cut-over"];
/** In the order in which one would look for them. */
const order: readonly Verb[] = [
  "approve",
  "cut-over",
  "quote-again",
  "schedule",
  "refuse",
  "cancel",
];

/** A name with the address, or that alone. */
export const person = (c: { name: string | null; address: string }) =>
  c.name === null ? c.address : `${c.name} <${c.address}>`;

/** All that it will do. */
function Foresee(props: { request: Request; choice: Choice }) {
  const { contact } = props.request;
  const { mails, does, becomes } = props.choice;
  const to = contact && person(contact);
  return (
    <ul class="foresee">
      {becomes !== props.request.state && (
        <li>
          It becomes <StateBadge state={becomes} />.
        </li>
      )}
      {mails.map((text) => (
        <li key={text}>
          {to ? (
            <>
              A mail goes to <strong>{to}</strong>: {text}.
            </>
          ) : (
            <>Nobody on file may have its letters, so nobody is told {text}.</>
          )}
        </li>
      ))}
      {does.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

interface DialogProps {
  request: Request;
  version: string | undefined;
  done: () => void;
  onClose: () => void;
}

function Decide(props: DialogProps & { choice: Choice }) {
  const { request, choice } = props;
  const deed = deeds[choice.action];
  const [key] = useState(once);
  const [reason, setReason] = useState("");
  const [remedy, setRemedy] = useState("");
  const [start, setStart] = useState(request.start ?? "");
  const [cutover, setCutover] = useState(request.cutover ?? "");
  const [tried, setTried] = useState(false);
  const doing = useDoing();
  const days = choice.action === "schedule";
  const lacks = deed.reason.needed && reason.trim() === "";
  const send = async () => {
    setTried(true);
    if (lacks || (days && start === "")) return;
    const body = {
      action: choice.action,
      ...(reason.trim() !== "" && { reason: reason.trim() }),
      ...(choice.action === "refuse" && remedy.trim() !== "" && { remedy: remedy.trim() }),
      ...(days && { start }),
      ...(days && cutover !== "" && { cutover }),
    };
    const sent = await doing.run(() =>
      post(`/requests/${request.id}/actions`, body, {
        once: key,
        version: props.version,
      }),
    );
    if (!sent) return;
    toast(deed.done);
    props.done();
    props.onClose();
  };
  return (
    <Dialog title={deed.title} onClose={props.onClose}>
      <Foresee request={request} choice={choice} />
      <Form
        send={deed.button}
        kind={deed.danger ? "danger" : "main"}
        onSend={send}
        busy={doing.busy}
        problem={doing.problem}
        fields={["reason", "remedy", "start", "cutover"]}
        other={<Button onClick={props.onClose}>Leave it as it is</Button>}
      >
        {days && (
          <>
            <Input
              label="First day"
              type="date"
              value={start}
              onValue={setStart}
              required
              wrong={
                wrongIn(doing.problem, "start") ??
                (tried && start === "" ? "The day of the start is missing." : undefined)
              }
            />
            <Input
              label="Cutover"
              hint="Users move on that day; it may stay open."
              type="date"
              value={cutover}
              onValue={setCutover}
              wrong={wrongIn(doing.problem, "cutover")}
            />
          </>
        )}
        <Area
          label={deed.reason.label}
          hint={deed.reason.hint}
          rows={3}
          maxLength={1000}
          value={reason}
          onValue={setReason}
          required={deed.reason.needed}
          wrong={
            wrongIn(doing.problem, "reason") ??
            (tried && lacks ? "The reason is missing." : undefined)
          }
        />
        {choice.action === "refuse" && (
          <Area
            label="What they can do instead"
            hint="It stands in the mail, too."
            rows={2}
            maxLength={1000}
            value={remedy}
            onValue={setRemedy}
          />
        )}
      </Form>
    </Dialog>
  );
}

function Note(props: DialogProps) {
  const [key] = useState(once);
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const doing = useDoing();
  const send = async () => {
    setTried(true);
    if (text.trim() === "") return;
    const sent = await doing.run(() =>
      post(
        `/requests/${props.request.id}/actions`,
        { action: "note", reason: text.trim() },
        { once: key },
      ),
    );
    if (!sent) return;
    toast("It is noted in the history.");
    props.done();
    props.onClose();
  };
  return (
    <Dialog title="Note something" onClose={props.onClose}>
      <Form
        send="Note it"
        onSend={send}
        busy={doing.busy}
        problem={doing.problem}
        other={<Button onClick={props.onClose}>Leave it</Button>}
      >
        <Area
          label="Note"
          hint="For operators alone; it stands on the audit trail and cannot be changed."
          maxLength={1000}
          value={text}
          onValue={setText}
          required
          wrong={tried && text.trim() === "" ? "There is nothing to note." : undefined}
        />
      </Form>
    </Dialog>
  );
}

export function Actions(props: Omit<DialogProps, "onClose">) {
  const [open, setOpen] = useState<Verb | "note">();
  const choices = props.request.actions ?? [];
  const choice = choices.find((c) => c.action === open);
  const close = () => setOpen(undefined);
  return (
    <>
      {order
        .filter((verb) => choices.some((c) => c.action === verb))
        .map((verb) => (
          <Button
            key={verb}
            kind={deeds[verb].danger ? "danger" : onward.includes(verb) ? "main" : "plain"}
            onClick={() => setOpen(verb)}
          >
            {deeds[verb].button}
          </Button>
        ))}
      <Button onClick={() => setOpen("note")}>Note</Button>
      {choice && <Decide {...props} choice={choice} onClose={close} />}
      {open === "note" && <Note {...props} onClose={close} />}
    </>
  );
}
