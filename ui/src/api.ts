// The service's API: JSON in, JSON out, a Problem thrown where it says no.

/** What the service answers in place of what was asked for (RFC 9457). */
export class Problem extends Error {
  /** HTTP's status; 0: no answer came. */
  readonly status: number;
  /** The last part of its type: "taken", "changed"; "" where it has none. */
  readonly slug: string;
  /** Which member of what was sent is at fault. */
  readonly field: string | undefined;
  readonly remedy: string | undefined;
  /** All that it says, for what only one caller knows ("faults"). */
  readonly more: Record<string, unknown>;

  constructor(status: number, said: Record<string, unknown>) {
    const text = (name: string) =>
      typeof said[name] === "string" ? said[name] : undefined;
    super(text("detail") ?? text("title") ?? `the service answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.slug = text("type")?.split(":").at(-1) ?? "";
    this.field = text("field");
    this.remedy = text("remedy");
    this.more = said;
  }
}

export type Query = Record<string, string | number | undefined>;

/** One page of a list. */
export interface List<T> {
  items: T[];
  next: string | null;
}

/** An answer and the version of what it shows, for If-Match. */
export interface Answer<T> {
  data: T;
  version: string | undefined;
}

export interface Options {
  /** What makes a repeated POST the same one: Idempotency-Key. */
  once?: string;
  /** Change only what still has this version: If-Match. */
  version?: string | undefined;
  signal?: AbortSignal;
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Called when the service no longer knows who asks. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** A path below /api/v1, with its query; what is undefined or "" is left out. */
export function url(path: string, query?: Query): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") all.set(name, String(value));
  }
  const text = all.toString();
  return `/api/v1${path}${text === "" ? "" : `?${text}`}`;
}

async function read(response: Response): Promise<unknown> {
  const type = response.headers.get("Content-Type") ?? "";
  if (response.status === 204) return undefined;
  return /\bjson\b/.test(type) ? response.json() : response.text();
}

async function send(where: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(where, { credentials: "same-origin", ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") {
      throw cause;
    }
    throw new Problem(0, {
      detail: "The service does not answer.",
      remedy: "Nothing is lost: try again in a moment.",
    });
  }
}

export async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  options: Options & { query?: Query } = {},
): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const init: RequestInit = { method, headers };
  if (body instanceof FormData) {
    init.body = body; // its type has the boundary, which the browser chooses
  } else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  if (options.once !== undefined) headers["Idempotency-Key"] = options.once;
  if (options.version !== undefined) headers["If-Match"] = options.version;
  if (options.signal) init.signal = options.signal;
  const response = await send(url(path, options.query), init);
  const said = await read(response);
  if (!response.ok) {
    if (response.status === 401) signedOut.forEach((tell) => tell());
    throw new Problem(
      response.status,
      typeof said === "object" && said !== null
        ? (said as Record<string, unknown>)
        : {},
    );
  }
  return {
    data: said as T,
    version: response.headers.get("ETag") ?? undefined,
  };
}

export async function get<T>(
  path: string,
  query?: Query,
  signal?: AbortSignal,
): Promise<T> {
  return (await ask<T>("GET", path, undefined, { query, signal })).data;
}

export async function post<T>(
  path: string,
  body: unknown = {},
  options?: Options,
): Promise<T> {
  return (await ask<T>("POST", path, body, options)).data;
}

export async function patch<T>(
  path: string,
  body: unknown,
  options?: Options,
): Promise<T> {
  return (await ask<T>("PATCH", path, body, options)).data;
}

/** Change what still has this version; the version that it has then. */
export async function patchSeen(
  path: string,
  body: unknown,
  version: string | undefined,
): Promise<string | undefined> {
  return (await ask("PATCH", path, body, { version })).version;
}

export async function del(path: string, options?: Options): Promise<void> {
  await ask("DELETE", path, undefined, options);
}

/** All pages of a list, up to so many items. */
export async function all<T>(
  path: string,
  query: Query = {},
  most = 50_000,
  signal?: AbortSignal,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page: List<T> = await get(path, { ...query, after }, signal);
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined && items.length < most);
  return items;
}

/** A key for one thing that is to happen once, however often it is sent. */
export function once(): string {
  return crypto.randomUUID();
}
