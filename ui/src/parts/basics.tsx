// The smallest pieces; what they look like is in style/parts.css.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

import type { Problem } from "../api";
import { placeOf } from "../route";
import { useNow } from "../use";
import { apart, duration, sentence, time, timeInZone, timeOfDay, tone } from "../words";

interface WithChildren {
  children?: ComponentChildren;
}

/* ---- frame of a page ------------------------------------------------------ */

export interface Crumb {
  href: string;
  text: string;
}

/** A page's heading, what can be done there, and the way back. */
export function Page(
  props: WithChildren & {
    title: string;
    /** Of the page what is shown now, for the window's title: a step. */
    part?: string | undefined;
    /** Beside the title: a state. */
    badge?: ComponentChildren;
    hint?: ComponentChildren;
    actions?: ComponentChildren;
    crumbs?: Crumb[];
    /** A narrow column, for what is read rather than scanned. */
    narrow?: boolean;
  },
) {
  const part = props.part === undefined ? "" : `${props.part} · `;
  document.title = `${part}${props.title} · Mailferry`;
  return (
    <div class={`page${props.narrow ? " narrow" : ""}`}>
      {props.crumbs && (
        <nav class="crumbs" aria-label="Way back">
          {props.crumbs.map((c) => (
            <A key={c.href} href={c.href}>
              {c.text}
            </A>
          ))}
        </nav>
      )}
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>
            {props.title}
            {props.badge}
          </h1>
          {props.hint && <p class="hint">{props.hint}</p>}
        </div>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}

/** A part of a page, with its own heading. */
export function Section(
  props: WithChildren & {
    title: string;
    actions?: ComponentChildren;
    hint?: ComponentChildren;
  },
) {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <header class="section-head">
        <h2 id={id}>{props.title}</h2>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.hint && <p class="hint">{props.hint}</p>}
      {props.children}
    </section>
  );
}

/* ---- links and buttons ---------------------------------------------------- */

/** A link to a path of the app. */
export function A({
  href,
  ...rest
}: WithChildren &
  Omit<JSX.IntrinsicElements["a"], "href" | "role"> & { href: string }) {
  return <a {...rest} href={placeOf(href)} />;
}

export function Button({
  kind = "plain",
  busy = false,
  disabled,
  children,
  ...rest
}: WithChildren &
  Omit<JSX.IntrinsicElements["button"], "disabled" | "class"> & {
    kind?: "plain" | "main" | "danger" | "quiet";
    /** It is being done; the button waits with it. */
    busy?: boolean;
    disabled?: boolean;
  }) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${kind}`}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {children}
    </button>
  );
}

/* ---- states --------------------------------------------------------------- */

/** A state's name with the colour of its meaning, never the colour alone. */
export function StateBadge(props: { state: string }) {
  return <span class={`badge ${tone(props.state)}`}>{props.state}</span>;
}

/** How much of it is done; the words say it, too. */
export function Meter(props: { value: number; of: number; label: string }) {
  const share = props.of > 0 ? Math.min(1, props.value / props.of) : 0;
  return (
    <progress
      class="meter"
      max={1}
      value={share}
      aria-label={props.label}
      title={props.label}
    />
  );
}

/** A time, and how far off it is; null: `none`. */
export function Time(props: {
  at: string | null | undefined;
  none?: string;
  /** Only how far off. */
  short?: boolean;
  /** Only when, to the second. */
  exact?: boolean;
  /** Only for how long it has been so: "2 h". */
  lasting?: boolean;
}) {
  const now = useNow();
  if (!props.at) return <span class="hint">{props.none ?? "never"}</span>;
  const far = props.lasting
    ? duration((now - new Date(props.at).getTime()) / 1000)
    : apart(props.at, now);
  return (
    <time dateTime={props.at} title={timeInZone(props.at)}>
      {props.exact ? timeOfDay(props.at) : props.short || props.lasting ? far : `${time(props.at)} (${far})`}
    </time>
  );
}

/** Name and value by pairs. */
export function Facts(props: {
  facts: readonly (readonly [string, ComponentChildren] | false | undefined)[];
}) {
  return (
    <dl class="facts">
      {props.facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** The few numbers that a page is opened for. */
export function Headline(props: {
  figures: readonly {
    name: string;
    value: ComponentChildren;
    hint?: ComponentChildren;
  }[];
}) {
  return (
    <dl class="headline">
      {props.figures.map((f) => (
        <div key={f.name}>
          <dt>{f.name}</dt>
          <dd>{f.value}</dd>
          {f.hint && <dd class="hint">{f.hint}</dd>}
        </div>
      ))}
    </dl>
  );
}

/* ---- nothing, trouble, not yet -------------------------------------------- */

export function Empty(props: {
  title: string;
  hint?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      {props.hint && <p class="hint">{props.hint}</p>}
      {props.action}
    </div>
  );
}

/** What the API tells programs of If-Match, as people would say it. */
const TOO_LATE =
  "Somebody has changed it since you saw it, and nothing of yours was kept.";
const LOOK_AGAIN = "Look at what is there now, and do it once more.";

/** What went wrong, and what to do about it. */
export function Fault(props: { problem: Problem; again?: () => void }) {
  const late = props.problem.slug === "changed";
  const remedy = late ? LOOK_AGAIN : props.problem.remedy;
  return (
    <div class="fault" role="alert">
      <p>{late ? TOO_LATE : sentence(props.problem.message)}</p>
      {remedy && <p class="hint">{sentence(remedy)}</p>}
      {props.again && <Button onClick={props.again}>Try again</Button>}
    </div>
  );
}

/** Holds the place of what is being read, so that nothing jumps. */
export function Bars(props: { lines?: number; what?: string }) {
  return (
    <div class="bars" role="status" aria-label={`Reading ${props.what ?? ""}`}>
      {Array.from({ length: props.lines ?? 3 }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

/**
 * What useGet() has: bars, the fault, or what is drawn of the data; data that
 * could not be read again stays, with the fault above it.
 */
export function Shown<T>(props: {
  got: {
    data: T | undefined;
    problem: Problem | undefined;
    again: () => void;
  };
  what: string;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { data, problem, again } = props.got;
  return (
    <>
      {problem && <Fault problem={problem} again={again} />}
      {data !== undefined
        ? props.children(data)
        : !problem && <Bars lines={props.lines} what={props.what} />}
    </>
  );
}
