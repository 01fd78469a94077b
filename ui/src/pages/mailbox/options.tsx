// What a mailbox is told otherwise than its migration.
import { patch } from "../../api";
import { useDraft } from "../../draft";
import { Form, Moved, toast } from "../../parts";
import { useDoing } from "../../use";
import { Options, draftOf, fieldsOf, optionsOf } from "../migration/options";
import type { RowProps } from "./row";

/**
 * A "no" that stands against the migration's "yes" cannot be marked here, and
 * stays until it is said otherwise.
 */
function keepNoes(
  options: Record<string, unknown>,
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const noes = Object.entries(before).filter(([, value]) => value === false);
  return { ...Object.fromEntries(noes), ...options };
}

export function OwnOptions({ mailbox, version, again }: RowProps) {
  const before = mailbox.options ?? {};
  const draft = useDraft(draftOf(before), version);
  const doing = useDoing();
  const send = async () => {
    const options = keepNoes(optionsOf(draft.value, before), before);
    const wish = { options: Object.keys(options).length === 0 ? null : options };
    const good = await doing.run(() =>
      patch(`/mailboxes/${mailbox.id}`, wish, { version: draft.version }),
    );
    if (good) {
      draft.sent();
      toast("Its own options are kept. A pass that runs goes on with them within a minute.");
    }
    again();
  };
  return (
    <Form
      send="Keep these options"
      busy={doing.busy}
      problem={draft.moved ? undefined : doing.problem}
      fields={fieldsOf(doing.problem)}
      onSend={() => void send()}
    >
      <Moved draft={draft} />
      <Options draft={draft.value} problem={doing.problem} onDraft={draft.set} />
    </Form>
  );
}
