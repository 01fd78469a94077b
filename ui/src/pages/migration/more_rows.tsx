// More mailboxes for a migration: rows of an import file that it does not have.
import { useRef, useState } from "preact/hooks";

import { once, post, Problem } from "../../api";
import { Check, Dialog, Form, Button, toast, wrongIn } from "../../parts";
import { useDoing } from "../../use";
import { several } from "../../words";
import { FaultList, FileField, faultsOf, type ImportFile } from "./file";

export function MoreRows(props: { id: number; onClose: () => void }) {
  const [file, setFile] = useState<ImportFile | undefined>(undefined);
  const [skip, setSkip] = useState(false);
  const key = useRef(once());
  const doing = useDoing();

  async function add(): Promise<void> {
    if (file === undefined) {
      throw new Problem(422, { detail: "Choose the file first.", field: "import" });
    }
    try {
      const got = await post<{ mailboxes: number }>(
        `/migrations/${props.id}/mailboxes`,
        { import: file.text, skipBadRows: skip },
        { once: key.current },
      );
      toast(`${several(got.mailboxes, "mailbox", "mailboxes")} added; nothing is queued for them yet.`);
    } catch (cause) {
      key.current = once();
      throw cause;
    }
  }

  return (
    <Dialog title="Add mailboxes" onClose={props.onClose}>
      <p>
        Rows whose pair of addresses the migration does not have become
        mailboxes of it, all or none. Those that it has stay as they are, and
        nothing is queued.
      </p>
      <Form
        send="Add them"
        busy={doing.busy}
        problem={doing.problem}
        fields={["import"]}
        onSend={() => void doing.run(add).then((good) => good && props.onClose())}
        other={<Button onClick={props.onClose}>Leave it as it is</Button>}
      >
        <FileField file={file} onFile={setFile} wrong={wrongIn(doing.problem, "import")} />
        <FaultList faults={faultsOf(doing.problem)} />
        <Check label="Leave out rows with faults" value={skip} onValue={setSkip} />
      </Form>
    </Dialog>
  );
}
