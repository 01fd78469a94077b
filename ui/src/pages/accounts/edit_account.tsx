// An account's own data: a new one, or a change.
import { useState } from "preact/hooks";

import { once, patch, post } from "../../api";
import { Area, Button, Check, Dialog, Form, Input, wrongIn } from "../../parts";
import type { Account } from "../../types/people";
import { useDoing } from "../../use";

interface DomainRow {
  name: string;
  verified: boolean;
}

function DomainRows(props: {
  rows: DomainRow[];
  onRows: (to: DomainRow[]) => void;
  wrong: string | undefined;
}) {
  const { rows, onRows } = props;
  const set = (at: number, to: DomainRow) =>
    onRows(rows.map((row, i) => (i === at ? to : row)));
  return (
    <fieldset class="rows">
      <legend>Domains</legend>
      <p class="hint">
        A migration writes only to mailboxes in domains that are verified as
        theirs.
      </p>
      {rows.map((row, i) => (
        <div class="row" key={i}>
          <Input
            label={`Domain ${i + 1}`}
            value={row.name}
            autoCapitalize="none"
            spellcheck={false}
            maxLength={253}
            onValue={(name) => set(i, { ...row, name })}
          />
          <Check
            label="Verified"
            value={row.verified}
            onValue={(verified) => set(i, { ...row, verified })}
          />
          <Button
            aria-label={`Take out ${row.name || `domain ${i + 1}`}`}
            onClick={() => onRows(rows.filter((_, at) => at !== i))}
          >
            Take out
          </Button>
        </div>
      ))}
      {props.wrong && <p class="wrong">{props.wrong}</p>}
      <div class="actions">
        <Button onClick={() => onRows([...rows, { name: "", verified: false }])}>
          One more domain
        </Button>
      </div>
    </fieldset>
  );
}

export function EditAccount(props: {
  /** Without one a new account is made. */
  account?: Account;
  version?: string | undefined;
  onDone: (id: number) => void;
  onClose: () => void;
}) {
  const { account } = props;
  const [partner, setPartner] = useState(account?.partner ?? "");
  const [name, setName] = useState(account?.name ?? "");
  const [notes, setNotes] = useState(account?.notes ?? "");
  const [domains, setDomains] = useState<DomainRow[]>(
    account?.domains.map((d) => ({
      name: d.name,
      verified: d.verified !== null,
    })) ?? [{ name: "", verified: false }],
  );
  const [key] = useState(once);
  const doing = useDoing();

  const send = async () => {
    const wish = {
      partner,
      name,
      ...(notes === (account?.notes ?? "") ? {} : { notes }),
      domains: domains.filter((d) => d.name.trim() !== ""),
    };
    let id = account?.id ?? 0;
    const deed = async () => {
      if (account) {
        await patch(`/accounts/${id}`, wish, { version: props.version });
      } else {
        id = (await post<{ id: number }>("/accounts", wish, { once: key })).id;
      }
    };
    if (await doing.run(deed)) props.onDone(id);
  };
  return (
    <Dialog
      title={account ? `Change ${account.partner}` : "Add an account"}
      onClose={props.onClose}
    >
      <Form
        send={account ? "Save the change" : "Add the account"}
        busy={doing.busy}
        problem={doing.problem}
        fields={["partner", "name", "notes", "domains"]}
        onSend={send}
        other={<Button onClick={props.onClose}>Cancel</Button>}
      >
        <Input
          label="Partner ID"
          hint="As it stands in requests and import files."
          required
          maxLength={100}
          value={partner}
          onValue={setPartner}
          wrong={wrongIn(doing.problem, "partner", partner)}
        />
        <Input
          label="Name"
          required
          maxLength={254}
          value={name}
          onValue={setName}
          wrong={wrongIn(doing.problem, "name", name)}
        />
        <DomainRows
          rows={domains}
          onRows={setDomains}
          wrong={wrongIn(doing.problem, "domains")}
        />
        <Area
          label="Notes"
          hint="For operators; the account’s contacts never see them."
          maxLength={4000}
          value={notes}
          onValue={setNotes}
          wrong={wrongIn(doing.problem, "notes")}
        />
      </Form>
    </Dialog>
  );
}
