// Which mailboxes: the import file, and what is wrong with it on its rows.
import { useRef, useState } from "preact/hooks";

import { post, url } from "../../api";
import { Table } from "../../parts";
import type { ImportFault, ImportFile } from "../../types/portal";
import { useDoing, useGet } from "../../use";
import { sentence, several } from "../../words";
import { Button, StepHead } from "./step";
import { Fault, Form } from "../../parts";
import type { StepProps } from "./wizard";

function Templates() {
  return (
    <p>
      Begin with a template:{" "}
      <a href={url("/import-template", { form: "admin" })} download>
        for an administrative account
      </a>
      , or{" "}
      <a href={url("/import-template", { form: "passwords" })} download>
        with each mailbox's own password
      </a>
      .
    </p>
  );
}

/** Dropped or chosen; the button is what a keyboard reaches. */
function Drop(props: { busy: boolean; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        const file = e.dataTransfer?.files[0];
        if (file && !props.busy) props.onFile(file);
      }}
    >
      <p>Drag the CSV file here, or</p>
      <Button busy={props.busy} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={input}
        type="file"
        class="heard"
        tabIndex={-1}
        aria-label="Import file"
        accept=".csv,.txt,text/csv,text/plain"
        onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          e.currentTarget.value = ""; // the same name again is a change, too
          if (file) props.onFile(file);
        }}
      />
    </div>
  );
}

function Faults(props: { faults: ImportFault[] }) {
  return (
    <Table
      caption="faults in the file"
      rows={props.faults.map((f, i) => ({ ...f, i }))}
      rowKey={(f) => f.i}
      sort="line"
      columns={[
        {
          name: "line",
          title: "Line",
          number: true,
          by: (f) => f.line,
          cell: (f) => (f.line > 0 ? f.line : "file"),
        },
        {
          name: "column",
          title: "Column",
          by: (f) => f.name,
          cell: (f) => f.name ?? (f.column > 0 ? f.column : ""),
        },
        {
          name: "what",
          title: "What is wrong, and what to do",
          long: true,
          by: (f) => f.text,
          cell: (f) => (
            <>
              {sentence(f.text)}
              {f.remedy && <span class="hint why">{sentence(f.remedy)}</span>}
            </>
          ),
        },
      ]}
    />
  );
}

export function WhatIsInIt(props: { file: ImportFile }) {
  const f = props.file;
  const errors = f.faults.filter((x) => !x.warning);
  const warnings = f.faults.filter((x) => x.warning);
  return (
    <>
      <div class={`finding ${f.errors > 0 ? "warn" : "good"}`} role="status">
        <p>
          <strong>
            {f.errors === 0
              ? `${several(f.mailboxes, "mailbox", "mailboxes")}, and no faults.`
              : `Of ${several(f.rows, "row")} ${f.mailboxes} can be used.`}
          </strong>
        </p>
        {f.errors > 0 && (
          <p class="hint">
            Correct what is listed below in the file, and choose it again with
            all of its rows.
          </p>
        )}
      </div>
      {errors.length > 0 && <Faults faults={errors} />}
      {f.errors > errors.length && (
        <p class="hint">… and {f.errors - errors.length} more.</p>
      )}
      {warnings.length > 0 && (
        <details>
          <summary>{several(warnings.length, "remark")}</summary>
          <ul>
            {warnings.map((w, i) => (
              <li key={i}>
                {w.line > 0 && `Line ${w.line}: `}
                {w.text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

export function FileStep({ request: r, got, next }: StepProps) {
  const kept = useGet<ImportFile>(r.file === null ? null : `/requests/${r.id}/import`);
  const [sent, setSent] = useState<{ name: string; file: ImportFile }>();
  const doing = useDoing();
  const file = sent?.file ?? kept.data;
  const send = (chosen: File) =>
    doing.run(async () => {
      const form = new FormData();
      form.append("file", chosen, chosen.name);
      setSent({
        name: chosen.name,
        file: await post<ImportFile>(`/requests/${r.id}/files`, form),
      });
      got.again();
    });
  return (
    <>
      <StepHead
        title="Which mailboxes?"
        hint="A CSV file with a row for each: source and destination address, and passwords where there is no administrative account."
      />
      <Templates />
      <Drop busy={doing.busy} onFile={(f) => void send(f)} />
      {doing.problem && <Fault problem={doing.problem} />}
      {sent && <p>{sent.name} was sent.</p>}
      {file && <WhatIsInIt file={file} />}
      <Form send="Next" busy={doing.busy} onSend={next}>
        {null}
      </Form>
    </>
  );
}
