// A request in plain words, for who has asked for it.
import type { Forecast, Quote, QuoteForecast, Request, TimelineLine } from "../../types/portal";
import { calendarDay, date, duration, time } from "../../words";

/** What a state means, and what happens next. */
const meanings: Record<string, string> = {
  received: "We look at what you have sent, and count what is to be moved. The quote follows by mail, and here.",
  "awaiting information": "We need something from you to go on.",
  quoted: "The quote is ready. Nothing begins before it is approved.",
  approved: "Approved. We look for the first day with room, and mail it to you.",
  scheduled: "The day is set. Nothing is needed from you until then.",
  running: "The mailboxes are being copied. Your users go on working as before.",
  "ready for cutover": "Every mailbox is copied and kept up to date. It is your turn: move your users, then say so here.",
  "cut over": "Your users have moved. We carry over what still comes in at the old servers, then compare every item.",
  completed: "Done: everything was compared, and the passwords are destroyed.",
  refused: "We could not take this on.",
  cancelled: "Cancelled. What was copied stays where it is.",
  expired: "The quote, or the time to send what was missing, has run out.",
};

/** The same while we wait for nothing and the quote is being made. */
export function meaning(r: Request): string {
  if (r.state === "awaiting information" && r.missing.length === 0) {
    return meanings["received"] ?? "";
  }
  if (r.state === "scheduled" && isHeld(r)) {
    return "The day is set, and we need other credentials before it can begin.";
  }
  if (r.state === "scheduled" && r.start !== null) {
    return `It begins on ${calendarDay(r.start)}. Nothing is needed from you until then.`;
  }
  if (r.state === "quoted" && r.quote === null) {
    return "Something has changed, so the quote is being made anew.";
  }
  return meanings[r.state] ?? "";
}

/** Can its pieces still be changed here? */
export const isOpen = (r: Request) =>
  ["received", "awaiting information", "quoted"].includes(r.state);

/** Can other credentials be given, whatever else stands? */
export const takesCredentials = (r: Request) =>
  isOpen(r) || ["approved", "scheduled"].includes(r.state);

/** Does the price stand, and nothing begins with the credentials of now? */
export const isHeld = (r: Request) =>
  r.quote !== null &&
  ["quoted", "approved", "scheduled"].includes(r.state) &&
  r.missing.some((m) => m.piece === "credentials-refused");

/** States of which nothing more is to come. */
export const isOver = (r: Request) =>
  ["completed", "refused", "cancelled"].includes(r.state);

export const titleOf = (r: Request) => r.domain ?? `Request ${r.id}`;

export function price(minor: number, q: Quote): string {
  const amount = (minor / 10 ** q.digits).toLocaleString("en", {
    minimumFractionDigits: q.digits,
    maximumFractionDigits: q.digits,
  });
  return `${amount} ${q.currency}`;
}

/** What is further off than this has a day, and no hour. */
const HOURS_COUNT_MS = 3 * 86_400_000;

/** A forecast as somebody would say it; what: "it is ready for cutover". */
export function foretold(f: Forecast, what: string, now: number): string {
  const far = new Date(f.p90).getTime() - now > HOURS_COUNT_MS;
  const likely = far ? date(f.p50) : time(f.p50);
  const late = far ? date(f.p90) : time(f.p90);
  return likely === late
    ? `In nine of ten cases ${what} by ${late}.`
    : `As likely as not ${what} by ${likely}; in nine of ten cases by ${late}.`;
}

/** How long it takes once it has begun, by what was quoted. */
export function lasting(f: QuoteForecast): string {
  if (f.p90 < 60) return "Copying takes less than a minute once it has begun.";
  const likely = duration(f.p50);
  const late = duration(f.p90);
  return likely === late
    ? `Copying takes about ${likely} once it has begun.`
    : `Copying takes about ${likely} once it has begun; nine times in ten no more than ${late}.`;
}

/** Of the trail what concerns them, as they would call it. */
const deeds: Record<string, string> = {
  "request.open": "Opened",
  "request.supply": "Pieces supplied",
  "request.mail": "A mail came in",
  "request.lacks": "Something is missing",
  "request.credentials-refused": "Other credentials were asked for",
  "request.complete": "Quoted",
  "request.changed": "Changed; quoted anew",
  "request.quote-again": "Another quote was asked for",
  "request.approve": "Approved",
  "request.progress": "We told how far it is",
  "request.owners-silent": "Owners have not answered",
  "request.change": "Changed",
  "request.schedule": "Day set",
  "request.reschedule": "Day changed",
  "request.start": "Began",
  "request.stall": "Stopped, and was looked at",
  "request.pre-staged": "Ready for cutover",
  "request.cut-over": "Users have moved",
  "request.swept": "Compared, and closed",
  "request.refuse": "Refused",
  "request.cancel": "Cancelled",
  "request.run-out": "Ran out",
  "request.migration": "Counted",
  "request.note": "A note was made",
  "request.closed": "Passwords destroyed",
  "mail.sent": "We sent a mail",
  "mail.place": "A mail was taken up",
};
export const deed = (action: string) =>
  deeds[action] ?? action.replace(/^request\./, "").replaceAll("-", " ");

/** Who did it: the desk itself needs no name. */
export function doer(line: TimelineLine): string | undefined {
  if (line.actor === "desk") return undefined;
  if (line.actor === "mail") return "by mail";
  if (line.actor === "command line") return "our support team";
  return line.actor.replace(/^(contact|primary|billing|technical|operator) /, "");
}

/** What was said of it, beside what its name says already. */
export function told(line: TimelineLine): string | undefined {
  const parts = (line.detail ?? "").split("; ");
  if (parts[0] !== undefined && parts[0] in meanings) parts.shift();
  const rest = parts.join("; ");
  const ours = /^(migration \d+|secrets of its migration destroyed)$/;
  return rest === "" || ours.test(rest) ? undefined : rest;
}
