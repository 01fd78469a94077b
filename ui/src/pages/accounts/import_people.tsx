// Accounts and contacts from a table that is kept elsewhere; what is wrong
// with it stands at its rows.
import { useState } from "preact/hooks";

import { post, type Problem } from "../../api";
import { Area, Button, Dialog, Field, Form } from "../../parts";
import type { TableFault } from "../../types/people";
import { useDoing } from "../../use";
import { several } from "../../words";

interface Done {
  accountsAdded: number;
  accountsChanged: number;
  contactsAdded: number;
  contactsChanged: number;
}

/** Faults shown at a time: whoever has more mends a column, not a row. */
const SHOWN = 200;

const faultsOf = (problem: Problem | undefined): TableFault[] =>
  Array.isArray(problem?.more["faults"])
    ? (problem.more["faults"] as TableFault[])
    : [];

function Faults(props: { csv: string; faults: readonly TableFault[] }) {
  const lines = props.csv.split(/\r\n|\r|\n/);
  return (
    <div class="fault" role="alert">
      <p>
        Nothing was written. The table has{" "}
        {several(props.faults.length, "fault")}
        {props.faults.length > SHOWN ? `, of which the first ${SHOWN}:` : ":"}
      </p>
      <ul class="row-faults">
        {props.faults.slice(0, SHOWN).map((f, i) => (
          <li key={i}>
            <strong>
              {f.line > 0 ? `Line ${f.line}` : "The table"}
              {f.name ? `, ${f.name}` : ""}:
            </strong>{" "}
            {f.text}
            {f.remedy && <span class="row-remedy">{f.remedy}</span>}
            {f.line > 0 && lines[f.line - 1] && (
              <code class="row-text">{lines[f.line - 1]}</code>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Result(props: { done: Done }) {
  const { done } = props;
  const all = [
    [done.accountsAdded, "account", "added"],
    [done.accountsChanged, "account", "changed"],
    [done.contactsAdded, "contact", "added"],
    [done.contactsChanged, "contact", "changed"],
  ] as const;
  const told = all
    .filter(([n]) => n > 0)
    .map(([n, what, how]) => `${several(n, what)} ${how}`);
  return (
    <p role="status">
      {told.length > 0
        ? `${told.join(", ")}.`
        : "Everything in the table was there already; nothing has changed."}
    </p>
  );
}

export function ImportPeople(props: { onClose: () => void }) {
  const [csv, setCsv] = useState("");
  const [sent, setSent] = useState("");
  const [done, setDone] = useState<Done>();
  const doing = useDoing();
  const faults = faultsOf(doing.problem);

  if (done) {
    return (
      <Dialog title="The table was taken in" onClose={props.onClose}>
        <Result done={done} />
        <div class="actions">
          <Button kind="main" onClick={props.onClose}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Take in a table" onClose={props.onClose}>
      <Form
        send="Take it in"
        busy={doing.busy}
        problem={faults.length > 0 ? undefined : doing.problem}
        onSend={() => {
          setSent(csv);
          void doing.run(async () =>
            setDone(await post<Done>("/accounts/import", { csv })),
          );
        }}
        other={<Button onClick={props.onClose}>Cancel</Button>}
      >
        <p>
          A CSV with the columns <code>Partner ID</code>, <code>Account</code>,{" "}
          <code>Domains</code>, <code>Verified Domains</code>,{" "}
          <code>Email</code>, <code>Name</code> and <code>Roles</code>, as many
          of them as you have. Accounts and contacts
          that are there are brought up to date; none is removed. It is taken
          in as a whole or not at all.
        </p>
        <Field label="File">
          {(names) => (
            <input
              {...names}
              type="file"
              accept=".csv,text/csv"
              onChange={(e) => {
                const file = e.currentTarget.files?.[0];
                if (file) void file.text().then(setCsv);
              }}
            />
          )}
        </Field>
        <Area
          label="Its text"
          hint="Read from the file, or pasted; it can be mended here."
          rows={8}
          spellcheck={false}
          value={csv}
          onValue={setCsv}
        />
        {faults.length > 0 && <Faults csv={sent} faults={faults} />}
      </Form>
    </Dialog>
  );
}
