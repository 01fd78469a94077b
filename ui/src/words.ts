// Numbers, times and states as people read them.

const whole = new Intl.NumberFormat("en");
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const count = (n: number) => whole.format(n);

/** "1 mailbox", "2,000 mailboxes". */
export function several(n: number, name: string, names = `${name}s`): string {
  return `${whole.format(n)} ${n === 1 ? name : names}`;
}

/** What the service says, as a sentence begins; names stay as they are. */
export const sentence = (text: string) =>
  text.replace(/^(?!mailferry\b)[a-z](?=[a-z]*([\s,:;]|$))/, (c) => c.toUpperCase());

/** Decimal units, as quotes and reports have them. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let at = 0;
  while (n >= 1000 && at < units.length - 1) {
    n /= 1000;
    at++;
  }
  return `${at === 0 ? whole.format(n) : one.format(n)} ${units[at]}`;
}

export const percent = (share: number) => `${one.format(share * 100)} %`;

/** "45 s", "3 min", "2 h 5 min", "3 d 4 h". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return `${s} s`;
  const min = Math.round(s / 60);
  if (min < 90) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 48) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  const days = Math.floor(h / 24);
  return h % 24 === 0 ? `${days} d` : `${days} d ${h % 24} h`;
}

/** How long ago or ahead, from now: "just now", "3 min ago", "in 2 h". */
export function apart(at: string | number, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(seconds) < 10) return "just now";
  return seconds < 0
    ? `${duration(-seconds)} ago`
    : `in ${duration(seconds)}`;
}

const full = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
});
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });

const exact = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});

const zoned = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** "23 Nov 2026, 10:37:05": where the order of things is looked at. */
export const timeOfDay = (at: string | number) => exact.format(new Date(at));
/** "23 Nov 2026, 10:37", in the reader's own zone. */
export const time = (at: string | number) => full.format(new Date(at));
/** The same with its zone, for who asks. */
export const timeInZone = (at: string | number) => zoned.format(new Date(at));
export const date = (at: string | number) => day.format(new Date(at));

const ofCalendar = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/** A day of the calendar, "2026-12-07": the same one wherever it is read. */
export const calendarDay = (text: string) => ofCalendar.format(new Date(text));

/** Minor units of a currency: money(1999, "EUR") is "€19.99". */
export function money(minor: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(minor / 10 ** digits);
  } catch {
    return `${whole.format(minor)} ${currency}`;
  }
}

/** What a state means to whoever looks: its colour and its mark. */
export type Tone = "quiet" | "waiting" | "active" | "good" | "warn" | "bad";

const tones: Record<string, Tone> = {
  // mailboxes
  new: "quiet",
  "waiting for credentials": "waiting",
  queued: "waiting",
  checking: "active",
  copying: "active",
  throttled: "warn",
  paused: "quiet",
  synced: "good",
  verifying: "active",
  verified: "good",
  "completed with failures": "warn",
  failed: "bad",
  // requests
  received: "waiting",
  "awaiting information": "waiting",
  quoted: "waiting",
  approved: "active",
  scheduled: "active",
  running: "active",
  "ready for cutover": "warn",
  "cut over": "active",
  completed: "good",
  refused: "bad",
  cancelled: "quiet",
  expired: "quiet",
  // workers, hosts, mails, operators
  "at work": "active",
  idle: "quiet",
  draining: "warn",
  gone: "bad",
  "in use": "active",
  "backing off": "warn",
  "quiet hours": "waiting",
  sent: "good",
  waiting: "waiting",
  unsure: "warn",
  dropped: "quiet",
  disabled: "quiet",
};

export const tone = (state: string): Tone => tones[state] ?? "quiet";
