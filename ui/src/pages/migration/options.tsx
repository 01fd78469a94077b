// What a migration's passes are told, in the words and with the meaning of the
// options of "mailferry migrate" (docs/openapi.yaml, Options).
import { useState } from "preact/hooks";

import type { Problem } from "../../api";
import { Area, Check, Input, Select } from "../../parts";

interface Entry {
  name: string;
  label: string;
  hint?: string;
}

/** How each is asked for, and what it is in JSON. */
type Option = Entry &
  (
    | { kind: "yes" }
    | { kind: "one of"; of: readonly (readonly [string, string])[] }
    | { kind: "number"; most?: number }
    /** "90d", "25M", or a number. */
    | { kind: "quantity" }
    | { kind: "day" }
    /** One on each line. */
    | { kind: "lines" }
    /** Some of these. */
    | { kind: "some of"; of: readonly (readonly [string, string])[] }
  );

interface Group {
  title: string;
  options: readonly Option[];
}

const PARTS = [
  ["permissions", "Who may use which folders"],
  ["delegates", "Delegates"],
  ["rules", "Rules of the Inbox"],
  ["replies", "Automatic replies"],
  ["options", "Calendar and regional options"],
  ["categories", "Categories and their colours"],
  ["photo", "The picture"],
] as const;

const KINDS = [
  ["mail", "Mail"],
  ["calendar", "Calendar"],
  ["contact", "Contacts"],
  ["task", "Tasks"],
  ["note", "Notes"],
  ["journal", "Journal"],
  ["other", "Anything else"],
] as const;

const GROUPS: readonly Group[] = [
  {
    title: "What is copied",
    options: [
      { name: "since", kind: "day", label: "Only items since", hint: "Received on this day (UTC) or later. Empty: all." },
      { name: "before", kind: "day", label: "Only items before", hint: "Received before this day (UTC). Empty: all." },
      { name: "kinds", kind: "some of", label: "Only these kinds of items; none marked: all", of: KINDS },
      { name: "max-item-size", kind: "quantity", label: "No items larger than", hint: "As in “25M”. Empty: as large as the destination takes." },
      { name: "pre-stage", kind: "quantity", label: "Only what is older than", hint: "As in “90d”: copied ahead of the rest. Empty: everything." },
      { name: "folder", kind: "lines", label: "Only these folders, and all below them", hint: "One on a line: “Inbox”, “Projects/2019*”. Empty: all." },
      { name: "not-folder", kind: "lines", label: "Not these folders, nor any below them", hint: "One on a line." },
      { name: "no-archive", kind: "yes", label: "Leave out the archive" },
      { name: "recoverable-items", kind: "yes", label: "Also what was deleted and can be recovered" },
      { name: "trial", kind: "yes", label: "A trial: at most 10 items of each folder and 5 MB of each mailbox" },
      { name: "dry-run", kind: "yes", label: "Write nothing to the destination: list what would be copied" },
    ],
  },
  {
    title: "What is there already",
    options: [
      {
        name: "unlike", kind: "one of", label: "An item that is there with other content",
        of: [["", "is left, and reported"], ["copy", "gets the source’s item beside it"]],
      },
      { name: "adopt", kind: "yes", label: "What equals the source’s item counts as copied by us", hint: "After the ledger was lost: changes follow again." },
      { name: "propagate-deletes", kind: "yes", label: "What is deleted at the source is deleted at the destination", hint: "Only what was copied by us, and so that it can be recovered there." },
    ],
  },
  {
    title: "What proves it",
    options: [
      {
        name: "verify", kind: "one of", label: "Verify after copying",
        of: [
          ["", "as usual: a sample of what the pass copied"],
          ["nothing", "nothing"],
          ["counts", "counts: every item is there; none is read"],
          ["sample", "a sample of the whole mailbox"],
          ["full", "full: every item of the whole mailbox"],
        ],
      },
      { name: "by-item", kind: "yes", label: "A check counts each item by its own class", hint: "Not by its folder’s: slower, and exact." },
      { name: "no-digest", kind: "yes", label: "Take no digests of what passes by", hint: "Less work for this machine; a verification then reads the source again." },
    ],
  },
  {
    title: "Settings of the mailbox",
    options: [
      { name: "settings", kind: "some of", label: "Carried over when the copying is done", of: PARTS },
      { name: "enable-forwarding", kind: "yes", label: "Enable rules that send mail on, where the source does" },
      { name: "replace-outlook-rules", kind: "yes", label: "Write rules also where Outlook keeps some of its own at the destination", hint: "Those are lost then." },
      { name: "replace-photo", kind: "yes", label: "Put the source’s picture in the place of another one" },
    ],
  },
  {
    title: "Load, and patience with the servers",
    options: [
      { name: "lanes", kind: "number", most: 64, label: "Lanes in a mailbox", hint: "Connections to each side, 1 to 64; the governor goes lower by itself. Empty: 8." },
      { name: "first-requests", kind: "number", most: 64, label: "Requests at once to begin with", hint: "1 to 64; how many are best is found out from there. Empty: 4." },
      { name: "request-limit", kind: "quantity", label: "The largest request that the destination takes", hint: "As in “35M”, where its administrator has changed it. Empty: by its version." },
      { name: "doubt-wait", kind: "quantity", label: "After a lost answer, look no sooner than", hint: "As in “120s”, past the request’s deadline. Empty: 120s." },
      { name: "patience", kind: "quantity", label: "Wait for a server that is busy or away", hint: "As in “1h” without any progress; then the mailbox is left to the next pass. Empty: 1h." },
      { name: "max-failures", kind: "number", label: "Give a mailbox up after so many failures", hint: "Items that failed in one pass. Empty: go on however many fail." },
      { name: "allow-host", kind: "lines", label: "Send credentials also to these hosts", hint: "One on a line, where a server redirects there: “host” or “host:port”." },
    ],
  },
];

const ALL = GROUPS.flatMap((group) => group.options);

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
