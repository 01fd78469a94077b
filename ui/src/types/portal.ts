// What the API says of a request, as docs/openapi.yaml has it.
import type { SignIn } from "./request";

export interface Piece {
  /** "owa-url", "import-file", "credentials", ... */
  piece: string;
  text: string;
}

export interface QuoteLine {
  text: string;
  count: number;
  each: number;
  amount: number;
}

/** Seconds, from the beginning; nothing is said where it is null. */
export interface QuoteForecast {
  p50: number;
  p90: number;
  basis: string;
}

/** Amounts are whole minor units, of which `digits` make one. */
export interface Quote {
  currency: string;
  digits: number;
  lines: QuoteLine[];
  total: number;
  tax: string;
  mailboxes: number;
  bytes: number;
  made: string | null;
  until: string | null;
  forecast?: QuoteForecast | null;
}

export interface Request {
  id: number;
  state: string;
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
  missing: Piece[];
  quote: Quote | null;
  created: string;
  changed: string;
}

export interface ImportFault {
  kind: string;
  warning: boolean;
  /** 0: the file as a whole; columns likewise. */
  line: number;
  column: number;
  name: string | null;
  text: string;
  remedy: string | null;
}

export interface ImportFile {
  rows: number;
  mailboxes: number;
  errors: number;
  warnings: number;
  needsAdmin: boolean;
  faults: ImportFault[];
}

export interface Account {
  id: number;
  partner: string;
  name: string;
  domains: { name: string; verified: string | null }[];
}

export interface Forecast {
  p50: string;
  p90: string;
  basis: string;
  updated: string;
}

export interface Migration {
  id: number;
  name: string;
  mailboxes: number;
  states: Record<string, number>;
  jobs: Record<string, number>;
  forecast: Forecast | null;
}

/** With the passes that are not queued yet. */
export interface Outlook {
  whole: Forecast | null;
}

export interface Mailbox {
  id: number;
  source: string;
  destination: string;
  state: string;
  reason: string | null;
  remedy: string | null;
  items: number;
  waiting: number;
  copied: number;
  failed: number;
}

/** A mail of the conversation about a request. */
export interface Letter {
  id: number;
  direction: "in" | "out";
  at: string;
  person: string;
  subject: string;
  state: string;
}

export interface TimelineLine {
  id: number;
  at: string;
  actor: string;
  action: string;
  detail: string | null;
}

export interface Probe {
  reachable: boolean;
  host: string | null;
  version: string | null;
  schemes: string[];
  detail: string | null;
  remedy: string | null;
}

export interface Tried {
  /** false: they could not be tried now, and are tried later. */
  tried: boolean;
  detail: string | null;
}
