// The shell: who is signed in, where one is, and what is shown there.
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Problem, del, get, onSignedOut } from "./api";
import { start, stop } from "./events";
import { Missing } from "./pages/missing";
import { A, Bars, Button, Fault, Toasts } from "./parts";
import { follow, go, match } from "./route";
import { pages, type PageEntry } from "./table";
import {
  SessionContext,
  isStaff,
  problemOf,
  useLink,
  usePath,
  type Session,
} from "./use";
import { SignIn } from "./pages/sign_in";
import { useNow } from "./use";
import { apart } from "./words";

/** Who is signed in: undefined while it is asked, null: nobody. */
type Who = Session | null | undefined;

function find(path: string, who: Session): [PageEntry, Record<string, string>] | undefined {
  for (const entry of pages) {
    const params = match(entry.path, path);
    if (params && entry.for(who)) return [entry, params];
  }
  return undefined;
}

/* ---- the frame ------------------------------------------------------------ */

function Stale() {
  const { link, since } = useLink();
  const now = useNow(5000);
  if (link !== "lost") return null;
  return (
    <p class="stale" role="status">
      The connection to the service was lost {apart(since, now)}. What you see
      may be old; it is asked for again.
    </p>
  );
}

function Frame(props: { who: Session; path: string; leave: () => void }) {
  const { who, path } = props;
  const found = find(path, who);
  const Shown: ComponentType<Record<string, string>> = found?.[0].page ?? Missing;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const here = found?.[0].path;

  // who cannot see that the page is another is told by its heading
  useEffect(() => {
    if (!first.current) main.current?.querySelector("h1")?.focus();
    first.current = false;
  }, [path]);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <A href="/" class="brand">
          Mailferry
        </A>
        <nav aria-label="Pages">
          {pages
            .filter((p) => p.title && p.for(who))
            .map((p) => (
              <A
                key={p.path}
                href={p.path}
                aria-current={
                  here === p.path || here?.startsWith(`${p.path}/`)
                    ? "page"
                    : undefined
                }
              >
                {p.title}
              </A>
            ))}
        </nav>
        <div class="who">
          <span title={`signed in as ${who.role}`}>{who.name}</span>
          <Button kind="quiet" onClick={props.leave}>
            Sign out
          </Button>
        </div>
      </header>
      <Stale />
      <main id="main" ref={main} class={isStaff(who) ? "staff" : "portal"}>
        <Shown key={path} {...(found?.[1] ?? {})} />
      </main>
    </>
  );
}

/* ---- the app -------------------------------------------------------------- */

export function App() {
  const path = usePath();
  const [who, setWho] = useState<Who>(undefined);
  const [problem, setProblem] = useState<Problem>();
  // somebody was signed in here, and is not any more
  const [ended, setEnded] = useState<Session>();

  const ask = () => {
    setProblem(undefined);
    get<Session>("/session").then(setWho, (cause: unknown) => {
      const said = problemOf(cause);
      if (said.status === 401) setWho(null);
      else setProblem(said);
    });
  };
  const leave = async () => {
    try {
      await del("/session");
    } catch (cause) {
      if (problemOf(cause).status !== 401) {
        setProblem(problemOf(cause));
        return;
      }
    }
    setWho(null);
    setEnded(undefined);
    go("/");
  };
  useEffect(ask, []);
  useEffect(
    () =>
      onSignedOut(() =>
        setWho((was) => {
          if (was) setEnded(was);
          return null;
        }),
      ),
    [],
  );
  useEffect(() => {
    if (!who) return undefined;
    start();
    return stop;
  }, [who]);
  return (
    <div class="app" onClick={follow}>
      {problem ? (
        <main id="main" class="alone">
          <h1>Mailferry</h1>
          <Fault problem={problem} again={ask} />
        </main>
      ) : who === undefined ? (
        <main id="main" class="alone">
          <h1>Mailferry</h1>
          <Bars what="who is signed in" />
        </main>
      ) : who === null ? (
        <SignIn onSignedIn={ask} ended={ended} />
      ) : (
        <SessionContext.Provider value={{ session: who, leave }}>
          <Frame who={who} path={path} leave={leave} />
        </SessionContext.Provider>
      )}
      <Toasts />
    </div>
  );
}
