// The trail of what was decided: found by who, what, whom and when, and held
// against its own hashes.
import { useEffect, useRef, useState } from "preact/hooks";

import { get, type List } from "../../api";
import { Button, Empty, Fault, Input, Section, Shown, Time } from "../../parts";
import type { AuditLine, Verdict } from "../../types/people";
import { useDoing, useGet, useQuery } from "../../use";
import { count } from "../../words";

const A_PAGE = 100;
/** After the last key: a list is not asked for at each of them. */
const SETTLED_MS = 300;

/* ---- does it hold together? ----------------------------------------------- */

function Verify() {
  const [verdict, setVerdict] = useState<Verdict>();
  const gone = useRef(false);
  const doing = useDoing();
  useEffect(
    () => () => {
      gone.current = true;
    },
    [],
  );

  const run = () =>
    doing.run(async () => {
      let now: Verdict | undefined;
      let lines = 0;
      do {
        const from =
          now?.hash == null ? {} : { after: now.last, hash: now.hash };
        now = await get<Verdict>("/audit/verification", from);
        lines += now.lines;
        setVerdict({ ...now, lines });
      } while (now.more && !gone.current);
    });
  return (
    <div class="verify">
      <div class="actions">
        <Button busy={doing.busy} onClick={run}>
          Verify the trail
        </Button>
      </div>
      {doing.problem && <Fault problem={doing.problem} />}
      <div role="status">
        {verdict && <Told verdict={verdict} busy={doing.busy} />}
      </div>
    </div>
  );
}

function Told(props: { verdict: Verdict; busy: boolean }) {
  const { verdict } = props;
  if (verdict.bad !== null) {
    return (
      <p class="fault">
        Line {count(verdict.bad)} was altered, or a line before it was taken
        away or put in. {count(verdict.lines)} lines before it hold together.
      </p>
    );
  }
  if (verdict.more || props.busy) {
    return <p class="hint">{count(verdict.lines)} lines so far …</p>;
  }
  return (
    <p>
      All {count(verdict.lines)} lines hold together.{" "}
      <span class="hint">
        Line {count(verdict.last)} has <code>{verdict.hash ?? "none"}</code>:
        noted in another place, it tells later whether all were made anew.
      </span>
    </p>
  );
}

/* ---- filters -------------------------------------------------------------- */

/** What is typed, given on when it has settled. */
function Filter(props: {
  label: string;
  value: string;
  onValue: (to: string) => void;
  type?: "text" | "datetime-local";
}) {
  const [typed, setTyped] = useState(props.value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setTyped(props.value), [props.value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Input
      label={props.label}
      type={props.type ?? "text"}
      value={typed}
      onValue={(to) => {
        setTyped(to);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => props.onValue(to), SETTLED_MS);
      }}
    />
  );
}

/** A local time of a field, as the API has it; "" where it is none. */
function instant(local: string): string {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime())
    ? ""
    : at.toISOString().replace(/\.\d+Z$/, "Z");
}

/* ---- the lines ------------------------------------------------------------ */

const heads = ["Line", "When", "Who", "Did", "To", "How"];

function Lines(props: {
  lines: readonly AuditLine[];
  onActor: (to: string) => void;
  onAction: (to: string) => void;
  onSubject: (to: string) => void;
}) {
  const narrow = (text: string, set: (to: string) => void) => (
    <button
      type="button"
      class="narrow-to"
      title={`Only ${text}`}
      onClick={() => set(text)}
    >
      {text}
    </button>
  );
  return (
    <div class="scroll trail" tabIndex={0} role="region" aria-label="Lines of the trail">
      <table class="stacks" role="table">
        <caption class="heard">Lines of the trail, the newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            {heads.map((title) => (
              <th
                key={title}
                scope="col"
                role="columnheader"
                class={title === "Line" ? "number" : undefined}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.lines.map((line) => (
            <tr key={line.id} role="row">
              <td role="cell" data-title="Line" class="number" title={`hash ${line.hash}`}>
                {line.id}
              </td>
              <td role="cell" data-title="When" class="whole">
                <Time at={line.at} exact />
              </td>
              <td role="cell" data-title="Who">
                {narrow(line.actor, props.onActor)}
              </td>
              <td role="cell" data-title="Did">
                {narrow(line.action, props.onAction)}
              </td>
              <td role="cell" data-title="To">
                {narrow(line.subject, props.onSubject)}
              </td>
              <td role="cell" data-title="How">
                {line.detail}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Trail() {
  const [actor, setActor] = useQuery("actor");
  const [action, setAction] = useQuery("action");
  const [subject, setSubject] = useQuery("subject");
  const [from, setFrom] = useQuery("from");
  const [to, setTo] = useQuery("to");
  const [after, setAfter] = useQuery("after");
  const got = useGet<List<AuditLine>>("/audit", {
    query: {
      limit: A_PAGE,
      sort: "-id",
      actor,
      action,
      subject,
      from: instant(from),
      to: instant(to),
      after,
    },
    on: after === "" ? ["audit"] : [],
  });
  const filtered = [actor, action, subject, from, to].some((f) => f !== "");
  /* another filter begins at the newest line */
  const by = (set: (to: string) => void) => (value: string) => {
    setAfter("");
    set(value);
  };

  return (
    <Section
      title="Audit trail"
      hint="Each line carries the hash of the one before it: none can be altered, left out or put in without all that follow telling."
    >
      <Verify />
      <div class="filters">
        <Filter label="Who" value={actor} onValue={by(setActor)} />
        <Filter label="Did" value={action} onValue={by(setAction)} />
        <Filter label="To whom or what" value={subject} onValue={by(setSubject)} />
        <Filter
          label="Since"
          type="datetime-local"
          value={from}
          onValue={by(setFrom)}
        />
        <Filter
          label="Before"
          type="datetime-local"
          value={to}
          onValue={by(setTo)}
        />
        <Button
          disabled={!filtered}
          onClick={() =>
            [setActor, setAction, setSubject, setFrom, setTo, setAfter].forEach(
              (set) => set(""),
            )
          }
        >
          All lines
        </Button>
      </div>
      <Shown got={got} what="the trail" lines={8}>
        {(list) =>
          list.items.length === 0 ? (
            <Empty
              title="No such line"
              hint="“Did” is an action in full, or what stands before its dot: operator, request."
            />
          ) : (
            <>
              <Lines
                lines={list.items}
                onActor={by(setActor)}
                onAction={by(setAction)}
                onSubject={by(setSubject)}
              />
              <div class="actions">
                <Button disabled={after === ""} onClick={() => setAfter("")}>
                  The newest
                </Button>
                <Button
                  disabled={list.next === null}
                  onClick={() => setAfter(list.next ?? "")}
                >
                  Older lines
                </Button>
              </div>
            </>
          )
        }
      </Shown>
    </Section>
  );
}
