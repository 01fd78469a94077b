// What went on when: docs/openapi.yaml, Sample and ForecastGiven.

export interface Sample {
  at: string;
  seconds: number;
  items: number;
  bytes: number;
  failed: number;
  requests: number;
  busy: number;
  inFlight: number;
  /** By back-offs, at once. */
  heldUp: number;
  mailboxes: number;
  throttledShare: number;
  concurrency: number;
}

export interface ForecastGiven {
  at: string;
  tenths: number | null;
  p50: string;
  p90: string;
  ended: string | null;
  basis: string;
}

export interface History {
  samples: Sample[];
  /** Of a migration. */
  forecasts?: ForecastGiven[];
}
