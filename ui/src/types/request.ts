// Requests, their mails and their history, as docs/openapi.yaml has them.

export type RequestState =
  | "received"
  | "awaiting information"
  | "quoted"
  | "approved"
  | "scheduled"
  | "running"
  | "ready for cutover"
  | "cut over"
  | "completed"
  | "refused"
  | "cancelled"
  | "expired";

/** In the order of a request's life. */
/** Of what it waits for, as a sentence goes on. */
export const TURNS: Record<Waits["for"], string> = {
  contact: "the contact's turn",
  us: "our turn",
  operator: "an operator's turn",
  nobody: "",
};

export const OPEN_STATES: readonly RequestState[] = [
  "received",
  "awaiting information",
  "quoted",
  "approved",
  "scheduled",
  "running",
  "ready for cutover",
  "cut over",
];
export const CLOSED_STATES: readonly RequestState[] = [
  "completed",
  "refused",
  "cancelled",
  "expired",
];

export interface Waits {
  for: "nobody" | "contact" | "us" | "operator";
  text: string;
  /** What an operator has to do. */
  remedy: string | null;
  since: string | null;
  until: string | null;
  late: boolean;
}

export interface Piece {
  piece: string;
  name: string;
  state: "there" | "missing" | "faulty" | "not needed";
  ask: string | null;
}

export interface QuoteLine {
  text: string;
  count: number;
  each: number;
  amount: number;
}

export interface Quote {
  currency: string;
  digits: number;
  lines: QuoteLine[];
  total: number;
  tax: string;
  mailboxes: number;
  bytes: number;
  made: string;
  until: string;
}

export type Verb =
  | "approve"
  | "refuse"
  | "cancel"
  | "schedule"
  | "cut-over"
  | "quote-again";

/** What may be done now, and what would come of it. */
export interface Choice {
  action: Verb;
  becomes: RequestState;
  mails: string[];
  does: string[];
}

/** What signing in once at the source has shown. */
export interface SignIn {
  outcome: "under way" | "accepted" | "refused" | "unknown";
  at: string;
  detail: string | null;
  remedy: string | null;
}

export interface Request {
  id: number;
  state: RequestState;
  account: number;
  openedBy: string;
  partner: string | null;
  domain: string | null;
  owaUrl: string | null;
  start: string | null;
  cutover: string | null;
  admin: string | null;
  hasPassword: boolean;
  signIn: SignIn | null;
  file: number | null;
  migration: number | null;
  checklist: Piece[];
  quote: Quote | null;
  since: string | null;
  waits: Waits;
  /** Of one request alone. */
  contact?: { name: string | null; address: string } | null;
  actions?: Choice[];
  created: string;
  changed: string;
}

export type OutboxState =
  | "waiting"
  | "sent"
  | "failed"
  | "sending"
  | "handing over"
  | "unsure"
  | "dropped";

/** A mail of the conversation, in or out. */
export interface Letter {
  id: number;
  direction: "in" | "out";
  at: string;
  person: string;
  subject: string;
  state: string;
  verdict: string | null;
  redacted: boolean;
  why: string | null;
}

export interface Mail {
  id: number;
  request: number | null;
  sender: string;
  subject: string;
  verdict: string;
  place: "placed" | "tray" | "done";
  redacted: boolean;
  received: string;
}

export interface MailText extends Mail {
  text: string;
  forwarded: string | null;
  fromName: string | null;
  nature: "personal" | "bounce" | "automatic" | "list" | "loop";
  files: { name: string; kind: string; bytes: number }[];
}

export interface OutboxMail {
  id: number;
  request: number | null;
  recipient: string;
  subject: string;
  state: OutboxState;
  created: string;
  tries: number;
  due: string | null;
  why: string | null;
}

export interface OutboxText extends OutboxMail {
  text: string;
}

export interface RequestFile {
  id: number;
  mail: number | null;
  name: string;
  digest: string;
  bytes: number;
  created: string;
}

export interface Line {
  id: number;
  at: string;
  actor: string;
  action: string;
  detail: string | null;
}

/** Who is to give a password of their own, and has not. */
export interface Owner {
  mailbox: number;
  address: string;
  side: "source" | "destination";
  state: "not asked" | "waiting" | "expired" | "refused";
  asked: string | null;
  reminded: string | null;
  expires: string | null;
  tries: number;
}
