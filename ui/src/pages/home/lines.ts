// Of the request's and the migration's JSON what the first page shows.
import type { Waits } from "../../types/request";

export interface RequestLine {
  id: number;
  state: string;
  domain: string | null;
  partner: string | null;
  changed: string;
  waits: Waits;
}

export interface MigrationLine {
  id: number;
  name: string;
  mailboxes: number;
  states: Record<string, number>;
  jobs: Record<string, number>;
  forecast: { p50: string; p90: string; basis: string } | null;
}

/** As much of each list as one look can take; the pages have all. */
export const MOST = 500;
