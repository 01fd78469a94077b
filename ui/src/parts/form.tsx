// Fields of forms: a label, what it means, and what is wrong with it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import type { Problem } from "../api";
import type { Draft } from "../draft";
import { Button, Fault } from "./basics";

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  /** Said beside the field. */
  wrong?: string | undefined;
}

/** Names of a control, for those who hear the page. */
interface Names {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

/** A label, a control of any kind, a hint, a fault. */
export function Field(
  props: FieldProps & { children: (names: Names) => ComponentChildren },
) {
  const id = useId();
  const described = [
    props.hint !== undefined && `${id}-hint`,
    props.wrong !== undefined && `${id}-wrong`,
  ].filter(Boolean);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.children({
        id,
        "aria-describedby": described.join(" ") || undefined,
        "aria-invalid": props.wrong !== undefined || undefined,
      })}
      {props.wrong !== undefined && (
        <p class="wrong" id={`${id}-wrong`}>
          {props.wrong}
        </p>
      )}
    </div>
  );
}

/** What controls are told beside their value. */
interface Control {
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  autoComplete?: string;
  autoCapitalize?: "none" | "words" | "sentences";
  spellcheck?: boolean;
  placeholder?: string;
  maxLength?: number;
  onBlur?: () => void;
}

interface InputControl extends Control {
  type?:
    | "text"
    | "password"
    | "email"
    | "url"
    | "number"
    | "date"
    | "datetime-local"
    | "time"
    | "search";
  inputMode?: "text" | "numeric" | "email" | "url" | "decimal";
  min?: string | number;
  max?: string | number;
  step?: string | number;
}

export function Input({
  label,
  hint,
  wrong,
  value,
  onValue,
  type,
  ...rest
}: FieldProps &
  InputControl & {
    value: string;
    onValue: (to: string) => void;
  }) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(names) => (
        <input
          {...rest}
          {...names}
          // Preact's types have a property list for each kind of input
          type={(type ?? "text") as "text"}
          value={value}
          onInput={(e) => onValue(e.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function Area({
  label,
  hint,
  wrong,
  value,
  onValue,
  ...rest
}: FieldProps &
  Control & {
    rows?: number;
    value: string;
    onValue: (to: string) => void;
  }) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(names) => (
        <textarea
          rows={4}
          {...rest}
          {...names}
          value={value}
          onInput={(e) => onValue(e.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function Select({
  label,
  hint,
  wrong,
  value,
  onValue,
  options,
  ...rest
}: FieldProps &
  Control & {
    value: string;
    onValue: (to: string) => void;
    /** Value and text. */
    options: readonly (readonly [string, string])[];
  }) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(names) => (
        <select
          {...rest}
          {...names}
          value={value}
          onChange={(e) => onValue(e.currentTarget.value)}
        >
          {options.map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Check({
  label,
  value,
  onValue,
  hint,
  name,
}: {
  label: string;
  /** Said in place of the label, where that needs what stands around it. */
  name?: string;
  value: boolean;
  onValue: (to: boolean) => void;
  hint?: ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field check">
      <input
        id={id}
        type="checkbox"
        checked={value}
        aria-label={name}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(e) => onValue(e.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/**
 * What a problem says of one field, to be shown beside it; of one that was
 * left empty, just that.
 */
export function wrongIn(
  problem: Problem | undefined,
  field: string,
  value?: string,
): string | undefined {
  if (problem?.field !== field) return undefined;
  return value?.trim() === "" ? "This is needed." : problem.message;
}

function toFault(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/**
 * A form: sent by its button or by Enter.  A problem that no field shows
 * (`fields` names those that do) stands above the button.
 */
export function Form(props: {
  children: ComponentChildren;
  send: string;
  onSend: () => void;
  busy: boolean;
  problem?: Problem | undefined;
  fields?: readonly string[];
  kind?: "main" | "danger";
  /** Beside the button: another way out. */
  other?: ComponentChildren;
}) {
  const { problem, busy } = props;
  const told = problem?.field && props.fields?.includes(problem.field);
  const form = useRef<HTMLFormElement>(null);
  const was = useRef(busy);

  // sent, and not taken: to the first field that is to blame
  useEffect(() => {
    if (was.current && !busy) toFault(form.current);
    was.current = busy;
  }, [busy]);
  return (
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        props.onSend();
        // what the page itself finds wrong is not sent at all
        requestAnimationFrame(() => {
          if (!was.current) toFault(form.current);
        });
      }}
    >
      {props.children}
      {problem && !told && <Fault problem={problem} />}
      <div class="actions">
        <Button type="submit" kind={props.kind ?? "main"} busy={props.busy}>
          {props.send}
        </Button>
        {props.other}
      </div>
    </form>
  );
}

/** Somebody was faster: theirs, or what was typed here? */
export function Moved(props: {
  draft: Pick<Draft<never>, "moved" | "leave" | "insist">;
}) {
  const { draft } = props;
  if (!draft.moved) return null;
  return (
    <div class="moved" role="status">
      <p>
        Somebody has changed this while you were typing. What you typed is still
        here, and has not been sent.
      </p>
      <div class="actions">
        <Button onClick={draft.leave}>Show what is there now</Button>
        <Button onClick={draft.insist}>Keep mine over it</Button>
      </div>
    </div>
  );
}
