// What a mailbox's row of the import file says: flags, and credentials of its
// own.
import { useState } from "preact/hooks";

import { patch } from "../../api";
import { useDraft } from "../../draft";
import {
  Check,
  Form,
  Input,
  Moved,
  Section,
  toast,
  wrongIn,
} from "../../parts";
import type { Mailbox } from "../../types/migrations";
import { useDoing } from "../../use";

/** Bits of the column Flags: src/fleet/flags.h. */
const FLAGS = [
  [0, "Leave out mail"],
  [1, "Leave out the calendar"],
  [2, "Leave out contacts"],
  [3, "Leave out tasks"],
  [4, "Leave out notes"],
  [5, "Leave out the journal"],
  [6, "Leave out rules"],
  [8, "Tell the source’s owner when it is complete"],
  [9, "Tell the source’s owner when it fails"],
  [10, "Tell the destination’s owner when it is complete"],
  [11, "Tell the destination’s owner when it fails"],
  [12, "Ask the source’s owner for the password"],
  [13, "Ask the destination’s owner for the password"],
  [14, "Do not search the destination for what is there already"],
  [15, "Do not retry items that failed"],
] as const;

export interface RowProps {
  mailbox: Mailbox;
  version: string | undefined;
  again: () => void;
}

export function Flags({ mailbox, version, again }: RowProps) {
  const draft = useDraft(mailbox.flags, version);
  const { value: flags, set } = draft;
  const doing = useDoing();
  const send = async () => {
    const good = await doing.run(() =>
      patch(`/mailboxes/${mailbox.id}`, { flags }, { version: draft.version }),
    );
    if (good) {
      draft.sent();
      toast("Flags changed. A pass that runs goes on with them within a minute.");
    }
    again();
  };
  return (
    <Form
      send="Change the flags"
      busy={doing.busy}
      problem={draft.moved ? undefined : doing.problem}
      onSend={() => void send()}
    >
      <Moved draft={draft} />
      <div class="checks">
        {FLAGS.map(([bit, text]) => (
          <Check
            key={bit}
            label={text}
            value={(flags & (1 << bit)) !== 0}
            onValue={(to) => set(to ? flags | (1 << bit) : flags & ~(1 << bit))}
          />
        ))}
      </div>
    </Form>
  );
}

export function Own(props: RowProps & { side: "source" | "destination" }) {
  const { mailbox, version, again, side } = props;
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const doing = useDoing();
  return (
    <Section
      title={`Own credentials at the ${side}`}
      hint="In place of the administrative account, for this mailbox alone. What is on record is not shown."
    >
      <Form
        send="Keep them"
        busy={doing.busy}
        problem={doing.problem}
        fields={[side]}
        onSend={() =>
          void doing
            .run(() =>
              patch(
                `/mailboxes/${mailbox.id}`,
                { [side]: password === "" ? null : { password, ...(user && { user }) } },
                { version },
              ),
            )
            .then((good) => {
              if (!good) return;
              toast(password === "" ? "It has none of its own now." : "Sealed on record.");
              setPassword("");
              again();
            })
        }
      >
        <Input
          label={`User at the ${side}`}
          hint={`Empty: ${mailbox[side]}`}
          value={user}
          autoComplete="off"
          onValue={setUser}
        />
        <Input
          label={`Password at the ${side}`}
          hint="Empty: it has none, and the administrative account opens it."
          type="password"
          autoComplete="new-password"
          value={password}
          wrong={wrongIn(doing.problem, side)}
          onValue={setPassword}
        />
      </Form>
    </Section>
  );
}
