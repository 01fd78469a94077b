// Fields of forms: a label, what it means, and what is wrong with it.
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";

import type { Problem } from "../api";
import type { Draft } from "../draft";
import { sentence } from "../words";
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

/** How often the form around a field was sent. */
const Sent = createContext(0);

/**
 * What is wrong is wrong of what was sent: it is no longer said once something
 * else stands there.
 */
function useStill(wrong: string | undefined, value: string): string | undefined {
  const sent = useContext(Sent);
  const is = wrong !== undefined;
  const told = useRef({ sent, is, value });
  if (told.current.sent !== sent || told.current.is !== is) {
    told.current = { sent, is, value };
  }
  return told.current.value === value ? wrong : undefined;
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
    <Field label={label} hint={hint} wrong={useStill(wrong, value)}>
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
    <Field label={label} hint={hint} wrong={useStill(wrong, value)}>
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
    <Field label={label} hint={hint} wrong={useStill(wrong, value)}>
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

/** The API's words for programs, '"days" is a number', beside the field. */
function besideIt(message: string, field: string): string {
  const begin = `"${field}" is `;
  if (!message.startsWith(begin)) return sentence(message);
  const rest = message.slice(begin.length).replace(/^null or /, "");
  return rest.startsWith("missing") ? "This is needed." : `This has to be ${rest}`;
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
  return value?.trim() === "" ? "This is needed." : besideIt(problem.message, field);
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
  const [sent, setSent] = useState(0);
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
        setSent((n) => n + 1);
        props.onSend();
        // what the page itself finds wrong is not sent at all
        requestAnimationFrame(() => {
          if (!was.current) toFault(form.current);
        });
      }}
    >
      <Sent.Provider value={sent}>{props.children}</Sent.Provider>
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
