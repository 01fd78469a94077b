// An import file that is dropped or chosen, and what is wrong with its rows.
import { useState } from "preact/hooks";

import type { Problem } from "../../api";
import { Field } from "../../parts";
import type { ImportFault } from "../../types/migrations";
import { bytes, sentence, several } from "../../words";

/** As much as the API takes. */
const MOST = 10 * 1024 * 1024;

export interface ImportFile {
  name: string;
  text: string;
}

export function FileField(props: {
  file: ImportFile | undefined;
  onFile: (file: ImportFile) => void;
  wrong?: string | undefined;
}) {
  const [over, setOver] = useState(false);
  const [own, setOwn] = useState<string | undefined>(undefined);

  async function take(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    if (file.size > MOST) {
      setOwn(`${file.name} has ${bytes(file.size)}; ${bytes(MOST)} is the most.`);
      return;
    }
    setOwn(undefined);
    props.onFile({ name: file.name, text: await file.text() });
  }

  return (
    <div
      class={`drop file${over ? " over" : ""}`}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        void take(e.dataTransfer?.files[0]);
      }}
    >
      <Field
        label="Import file (CSV)"
        hint="Drop it here or choose it. It is read when you send the form; nothing is queued by that."
        wrong={own ?? props.wrong}
      >
        {(names) => (
          <input
            {...names}
            type="file"
            accept=".csv,text/csv"
            onChange={(e) => void take(e.currentTarget.files?.[0])}
          />
        )}
      </Field>
      {props.file && (
        <p role="status">
          {several(props.file.text.split("\n").filter((l) => l.trim()).length, "line")},
          with the heads of its columns.
        </p>
      )}
    </div>
  );
}

function isFault(value: unknown): value is ImportFault {
  return typeof value === "object" && value !== null && "text" in value;
}

/** Of a refusal: its faults, row by row. */
export function faultsOf(problem: Problem | undefined): ImportFault[] {
  const faults = problem?.more["faults"];
  return Array.isArray(faults) ? faults.filter(isFault) : [];
}

export function FaultList(props: { faults: readonly ImportFault[] }) {
  if (props.faults.length === 0) return null;
  return (
    <ul class="faults" aria-label="Faults of the import file" tabIndex={0}>
      {props.faults.map((f, i) => (
        <li key={i}>
          {f.warning ? "Warning, l" : "L"}ine {f.line}
          {f.name && `, ${f.name}`}: {f.text}
          {f.remedy && <span class="hint why">{sentence(f.remedy)}</span>}
        </li>
      ))}
    </ul>
  );
}
