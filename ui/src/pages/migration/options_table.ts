// The options of "mailferry migrate" as people are asked for them
// (docs/openapi.yaml, Options).

interface Entry {
  name: string;
  label: string;
  hint?: string;
}

/** How each is asked for, and what it is in JSON. */
export type Option = Entry &
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

export interface Group {
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

export const GROUPS: readonly Group[] = [
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

export const ALL = GROUPS.flatMap((group) => group.options);

const nameOf = (option: Option, key: string) =>
  ("of" in option ? option.of.find(([k]) => k === key)?.[1] : undefined) ?? key;

/** A value in words: "Mail, Tasks", "yes", "25M". */
function valueOf(option: Option | undefined, value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) {
    return value.map((one) => (option ? nameOf(option, String(one)) : String(one))).join(", ");
  }
  if (typeof value === "string") return option ? nameOf(option, value) : value;
  return JSON.stringify(value);
}

/** Each option that is there, by what it is called here, and what it says. */
export const inWords = (options: Readonly<Record<string, unknown>>) =>
  Object.entries(options).map(([name, value]) => {
    const option = ALL.find((o) => o.name === name);
    return [option?.label ?? name, valueOf(option, value)] as const;
  });
