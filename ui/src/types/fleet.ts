// Who works, and where: docs/openapi.yaml, Worker, Host and getHealth.

export interface Health {
  database: {
    writable: boolean;
    since: string | null;
    reason: string | null;
    remedy: string | null;
  };
}

export interface Worker {
  name: string;
  begun: string;
  seen: string;
  draining: boolean;
  atOnce: number;
  running: number;
  ended: number;
  leasesLost: number;
  lateWrites: number;
  items: number;
  bytes: number;
}

/** What one worker finds at a host. */
export interface Load {
  worker: string;
  inFlight: number;
  waiting: number;
  concurrency: number;
  requests: number;
  busy: number;
  throttledSeconds: number;
  backOffUntil: string | null;
  quietUntil: string | null;
}

export interface Host {
  host: string;
  /** 0: any number. */
  most: number;
  quiet: string | null;
  migrations: number;
  running: number;
  workers: Load[];
}
