// What the API says of migrations and mailboxes: docs/openapi.yaml.

export interface Forecast {
  p50: string;
  p90: string;
  basis: string;
  updated: string;
}

export interface Side {
  url: string | null;
  user: string | null;
  accounts: string[];
  oauth: { client: string } | null;
  proxy: { url: string } | null;
}

export interface Migration {
  id: number;
  account: number | null;
  name: string;
  source: Side;
  destination: Side;
  options: Record<string, unknown>;
  created: string;
  most: number;
  hours: string | null;
  mailboxes: number;
  states: Record<string, number>;
  jobs: Record<string, number>;
  forecast: Forecast | null;
}

export interface Job {
  id: number;
  state: string;
  pass: string | null;
  reason: string | null;
  remedy: string | null;
  priority: number;
}

export interface Mailbox {
  id: number;
  migration: number;
  line: number;
  flags: number;
  /** What is otherwise than its migration has it; null: nothing. */
  options: Record<string, unknown> | null;
  source: string;
  destination: string;
  state: string;
  reason: string | null;
  remedy: string | null;
  items: number;
  waiting: number;
  copied: number;
  bytes: number;
  failed: number;
  job: Job | null;
  forecast: Forecast | null;
  /** The latest stretch in which it copied, while a pass of it runs. */
  pace: { at: string; bytesAnHour: number; throttledShare: number } | null;
}

export interface Cause {
  reason: string | null;
  remedy: string | null;
  name: string | null;
  items: number;
  example: string | null;
  mailbox: number;
}

export interface FailedItem {
  id: number;
  folder: number;
  kind: string;
  subject: string | null;
  received: string | null;
  bytes: number;
  reason: string | null;
  tries: number;
}

export interface Folder {
  id: number;
  path: string;
  wellKnown: string | null;
  gone: boolean;
  mapped: boolean;
  items: number;
  bytes: number;
  states: Record<string, number>;
}

export interface Pass {
  id: number;
  kind: string;
  begun: string;
  ended: string | null;
  outcome: string | null;
  copied: number;
  bytes: number;
  failed: number;
  updated: number;
  moved: number;
  removed: number;
  conflicts: number;
  doubles: number;
}

export interface ImportFault {
  kind: string;
  warning: boolean;
  line: number;
  column: number;
  name: string | null;
  text: string;
  remedy: string | null;
}

/** States from which nothing more is to come without somebody's doing. */
export const DONE_STATES = ["synced", "verified", "completed with failures"];

export function doneOf(m: Migration): number {
  return DONE_STATES.reduce((n, s) => n + (m.states[s] ?? 0), 0);
}

/** Jobs of it that are queued or running. */
export function moving(m: Migration): number {
  return (m.jobs["running"] ?? 0) + (m.jobs["queued"] ?? 0);
}
