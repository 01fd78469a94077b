// What happens, as it happens: one stream for the whole app.

export type EventType =
  | "job"
  | "mailbox"
  | "progress"
  | "migration"
  | "request"
  | "audit"
  | "reset";

export interface LiveEvent {
  type: EventType;
  /** What the service says of it: "migration", "mailbox", "state", ... */
  data: Record<string, unknown>;
}

/**
 * "live": what is shown is what is; "lost": the stream was cut and is asked
 * for again, what is shown may be old.
 */
export type Link = "off" | "live" | "lost";

const types: EventType[] = [
  "job",
  "mailbox",
  "progress",
  "migration",
  "request",
  "audit",
  "reset",
];
/** Between two attempts, where the browser itself has given up. */
const AGAIN_MS = 3000;

type Hear = (event: LiveEvent) => void;
type Watch = (link: Link) => void;

const hearers = new Set<{ types: readonly EventType[]; hear: Hear }>();
const watchers = new Set<Watch>();
let source: EventSource | undefined;
let later: ReturnType<typeof setTimeout> | undefined;
let link: Link = "off";
/** When the stream was last known to be whole, in ms since 1970. */
let since = Date.now();

function change(to: Link): void {
  if (link === "live" || to === "live") since = Date.now();
  if (to === link) return;
  link = to;
  watchers.forEach((watch) => watch(to));
}

function tell(event: LiveEvent): void {
  for (const h of hearers) {
    if (event.type === "reset" || h.types.includes(event.type)) h.hear(event);
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null
      ? (said as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function open(): void {
  later = undefined;
  const stream = new EventSource("/api/v1/events");
  source = stream;
  stream.onopen = () => {
    // what was missed while it was cut is asked for anew
    if (link === "lost") tell({ type: "reset", data: {} });
    change("live");
  };
  stream.onerror = () => {
    change("lost");
    if (stream.readyState !== EventSource.CLOSED) return;
    source = undefined;
    later ??= setTimeout(open, AGAIN_MS);
  };
  for (const type of types) {
    stream.addEventListener(type, (message) =>
      tell({ type, data: parse((message as MessageEvent<string>).data) }),
    );
  }
}

/** Listen from now on; with nobody signed in there is nothing to hear. */
export function start(): void {
  if (source === undefined && later === undefined) open();
}

export function stop(): void {
  source?.close();
  clearTimeout(later);
  source = later = undefined;
  change("off");
}

/** A "reset" goes to everybody: something was missed. */
export function onEvents(
  wanted: readonly EventType[],
  hear: Hear,
): () => void {
  const entry = { types: wanted, hear };
  hearers.add(entry);
  return () => hearers.delete(entry);
}

export function onLink(watch: Watch): () => void {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

export function linkNow(): { link: Link; since: number } {
  return { link, since };
}
