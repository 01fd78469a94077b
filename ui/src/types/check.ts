// What a check found out about a mailbox: docs/openapi.yaml, Checked, and what
// "mailferry check --json" tells of one (src/fleet/checked.c).

export interface Amount {
  items: number;
  bytes: number;
}

export interface CheckedSide {
  /** Of the server; null: it does not tell. */
  version: string | null;
  release: string;
  scheme: string | null;
  rights: string;
  primary_address: string | null;
  request_max_bytes: number | null;
  /** "archive", "recoverable items": those that are there. */
  roots: Record<string, Partial<Amount>>;
}

export interface Room {
  /** null: no quota is known. */
  quota_bytes: number | null;
  used_bytes: number;
  needed_bytes: number;
}

export interface Finding {
  cause: string;
  /** Somebody should look at it before anything is copied. */
  warning: boolean;
  what: string;
  text: string;
  remedy: string | null;
}

export interface LargeItem {
  folder: string;
  subject: string | null;
  class: string | null;
  received: string | null;
  bytes: number;
}

export interface FoundFolder {
  path: string;
  kind: string;
  items: number;
  bytes: number;
  skipped: boolean;
}

export interface Check {
  source: CheckedSide;
  destination: CheckedSide & { room: Room };
  to_copy: Amount;
  kinds: Record<string, Amount & { left_out?: boolean }>;
  /** Whether items were counted by their own class, or their folder's. */
  kinds_by: "item" | "folder";
  large: { limit_bytes: number | null; count: number; items: LargeItem[] };
  expected: { by: string; least_seconds: number; most_seconds: number };
  findings: Finding[];
  folders: FoundFolder[];
}

export interface Checked {
  job: {
    id: number;
    state: string;
    reason: string | null;
    remedy: string | null;
    name: string | null;
  } | null;
  /** null: it is not over, or the mailbox cannot be migrated. */
  check: Check | null;
}
