// What a migration's passes are told, in the words and with the meaning of the
// options of "mailferry migrate" (docs/openapi.yaml, Options).
import { useState } from "preact/hooks";

import type { Problem } from "../../api";
import { Area, Check, Input, Select } from "../../parts";
import { ALL, GROUPS, type Group, type Option } from "./options_table";

/** As it is typed: text, or marks. */
export type Draft = Readonly<Record<string, string | boolean>>;

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

function typed(option: Option, value: unknown): string | boolean {
  switch (option.kind) {
    case "yes":
      return value === true;
    case "lines":
    case "some of":
      return texts(value).join("\n");
    default:
      return typeof value === "string" || typeof value === "number" ? String(value) : "";
  }
}

/** "all" is marked as what it means, "none" as nothing. */
function known(option: Option, value: unknown): unknown {
  const { name } = option;
  if (option.kind === "some of") {
    const all = texts(value).includes("all");
    return option.of.map(([key]) => key).filter((key) => all || texts(value).includes(key));
  }
  if (name === "verify" && value === "new") return undefined;
  if (name === "unlike" && value === "leave") return undefined;
  return value;
}

export const draftOf = (options: Readonly<Record<string, unknown>>): Draft =>
  Object.fromEntries(
    ALL.map((o) => [o.name, typed(o, known(o, options[o.name]))]),
  );

const lines = (text: string) =>
  text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

function meant(option: Option, value: string | boolean | undefined): unknown {
  if (typeof value !== "string") return value === true ? true : undefined;
  const text = value.trim();
  if (text === "") return undefined;
  if (option.kind === "lines" || option.kind === "some of") return lines(text);
  if (option.kind === "number") return Number(text);
  return option.kind === "quantity" && /^\d+$/.test(text) ? Number(text) : text;
}

/** For the API; what this page does not know of stays as it was. */
export function optionsOf(
  draft: Draft,
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const options = { ...before };
  for (const option of ALL) {
    const value = meant(option, draft[option.name]);
    if (value === undefined) delete options[option.name];
    else options[option.name] = value;
  }
  return options;
}

/** How many of a group say something. */
const said = (group: Group, draft: Draft) =>
  group.options.filter((o) => meant(o, draft[o.name]) !== undefined).length;

/** The API has one field for all; its message begins with the option. */
const isOf = (problem: Problem | undefined, option: Option) =>
  problem?.field === "options" && problem.message.includes(`"${option.name}"`);

/** ["options"] where a problem is shown beside one of them. */
export const fieldsOf = (problem: Problem | undefined): string[] =>
  ALL.some((option) => isOf(problem, option)) ? ["options"] : [];

interface AskProps {
  option: Option;
  value: string;
  wrong: string | undefined;
  onValue: (to: string) => void;
}

function SomeOf(props: AskProps & { of: readonly (readonly [string, string])[] }) {
  const marked = lines(props.value);
  return (
    <fieldset class="rows">
      <legend>{props.option.label}</legend>
      <div class="checks">
        {props.of.map(([key, text]) => (
          <Check
            key={key}
            label={text}
            value={marked.includes(key)}
            onValue={(to) =>
              props.onValue(
                (to ? [...marked, key] : marked.filter((one) => one !== key)).join("\n"),
              )
            }
          />
        ))}
      </div>
    </fieldset>
  );
}

function AskText(props: AskProps) {
  const { option, ...control } = props;
  const field = { label: option.label, hint: option.hint, ...control };
  switch (option.kind) {
    case "one of":
      return <Select {...field} options={option.of} />;
    case "some of":
      return <SomeOf {...props} of={option.of} />;
    case "lines":
      return <Area {...field} rows={2} spellcheck={false} />;
    case "number":
      return <Input {...field} type="number" min={1} max={option.most} />;
    default:
      return <Input {...field} type={option.kind === "day" ? "date" : "text"} />;
  }
}

/** All that there are, by what they are about; those that say nothing closed. */
export function Options(props: {
  draft: Draft;
  problem: Problem | undefined;
  onDraft: (to: Draft) => void;
}) {
  const { draft, problem, onDraft } = props;
  // afterwards whoever looks opens and closes them
  const [first] = useState(() => GROUPS.filter((g) => said(g, draft) > 0));
  const set = (name: string) => (to: string | boolean) =>
    onDraft({ ...draft, [name]: to });
  const wrong = (option: Option) =>
    isOf(problem, option) ? problem?.message : undefined;
  return (
    <>
      {GROUPS.map((group) => {
        const n = said(group, draft);
        return (
          <details
            key={group.title}
            class="options"
            open={first.includes(group) || group.options.some((o) => wrong(o) !== undefined)}
          >
            <summary>
              {group.title}{" "}
              <span class="hint">{n === 0 ? "as usual" : `${n} said`}</span>
            </summary>
            <div class="options-in">
              {group.options.map((option) =>
                option.kind === "yes" ? (
                  <Check
                    key={option.name}
                    label={option.label}
                    hint={option.hint}
                    value={draft[option.name] === true}
                    onValue={set(option.name)}
                  />
                ) : (
                  <AskText
                    key={option.name}
                    option={option}
                    value={String(draft[option.name] ?? "")}
                    wrong={wrong(option)}
                    onValue={set(option.name)}
                  />
                ),
              )}
            </div>
          </details>
        );
      })}
    </>
  );
}
