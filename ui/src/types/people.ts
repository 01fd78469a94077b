// Accounts, contacts, operators and what they look up: as docs/openapi.yaml
// has it.

export interface Domain {
  name: string;
  verified: string | null;
}

export interface Account {
  id: number;
  partner: string;
  name: string;
  domains: Domain[];
  created: string;
  notes: string | null;
}

export type ContactRole = "primary" | "billing" | "technical";

export interface Contact {
  id: number;
  account: number;
  address: string;
  name: string | null;
  roles: ContactRole[];
  created: string;
  disabled: string | null;
}

export interface Operator {
  id: number;
  name: string;
  role: "admin" | "operator";
  authenticator: boolean;
  created: string;
  disabled: string | null;
}

export interface Token {
  id: number;
  label: string;
  scopes: string[];
  created: string;
  expires: string | null;
  revoked: string | null;
}

export interface Setting {
  section: string;
  key: string;
  help: string;
  value: string | null;
  default: string | null;
  origin: string;
  option: string;
  variable: string;
  reload: boolean;
  waiting: { value: string | null; origin: string } | null;
}

export interface PriceList {
  currency: string;
  digits: number;
  minimum: number;
  perGB: number;
  allowance: number;
  validDays: number;
  tax: string | null;
  tiers: { from: number; to: number | null; each: number }[];
}

export interface AuditLine {
  id: number;
  at: string;
  actor: string;
  request: string | null;
  action: string;
  subject: string;
  detail: string | null;
  hash: string;
}

export interface Verdict {
  lines: number;
  last: number;
  hash: string | null;
  bad: number | null;
  more: boolean;
}

/** A fault of a table or of an import file. */
export interface TableFault {
  line: number;
  name: string | null;
  text: string;
  remedy: string | null;
}
