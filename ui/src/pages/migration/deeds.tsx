// What is done to a migration or to some of its mailboxes: each deed says what
// it will do before it does it, and is taken back where that can be.
import { useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Confirm, Select, toast } from "../../parts";
import { count, several } from "../../words";

/** Of a mailbox what a deed looks at. */
export interface Target {
  id: number;
  job: { state: string } | null;
}

interface Deed {
  action: "pause" | "resume" | "retry" | "again" | "cancel";
  title: string;
  /** Job states it applies to. */
  to: readonly string[];
  does: string;
  done: string;
  undo?: "pause" | "resume";
  danger?: boolean;
}

const deeds: readonly Deed[] = [
  {
    action: "pause",
    title: "Pause",
    to: ["queued", "running"],
    does: "What is queued waits; what runs finishes its batch and then waits. Nothing that was copied is copied again afterwards.",
    done: "paused",
    undo: "resume",
  },
  {
    action: "resume",
    title: "Resume",
    to: ["paused"],
    does: "What was paused queues up again and goes on where it stands.",
    done: "resumed",
    undo: "pause",
  },
  {
    action: "retry",
    title: "Retry",
    to: ["failed"],
    does: "Passes that failed are queued again and go on where they stand; what arrived is not sent again.",
    done: "queued again",
  },
  {
    action: "again",
    title: "Repeat",
    to: ["done", "failed", "cancelled"],
    does: "The last pass is made once more: what is new or was changed at the source since follows.",
    done: "queued once more",
  },
  {
    action: "cancel",
    title: "Cancel",
    to: ["queued", "running", "paused"],
    does: "What waits will not run; what runs finishes its batch and ends. What is at the destination stays there. It is no undo: to go on, repeat or start a pass.",
    done: "cancelled",
    danger: true,
  },
];

const PASSES = [
  ["full", "full: everything that is not there yet"],
  ["delta", "delta: what is new or was changed since"],
  ["check", "check: can both sides be opened; copies nothing"],
  ["settings", "settings: rules, replies, permissions"],
  ["verify", "verify: compare both sides, item by item"],
] as const;

interface Props {
  /** "/migrations/3", "/mailboxes/7". */
  path: string;
  /** Those it would be done to. */
  targets: readonly Target[];
  /** "all 10,000 mailboxes", "12 marked mailboxes". */
  whom: string;
  /** Of a migration: send the ids; else all that the path has. */
  some: boolean;
  onDone: () => void;
}

const jobIn = (states: readonly string[]) => (t: Target) =>
  t.job !== null && states.includes(t.job.state);

export function Deeds(props: Props) {
  const [asked, ask] = useState<Deed | "start" | undefined>(undefined);
  const close = () => ask(undefined);
  return (
    <div class="actions">
      <Button kind="main" onClick={() => ask("start")}>
        Start a pass…
      </Button>
      {deeds.map((deed) => {
        const n = props.targets.filter(jobIn(deed.to)).length;
        return (
          <Button
            key={deed.action}
            kind={deed.danger ? "danger" : "plain"}
            disabled={n === 0}
            title={n === 0 ? `None is ${deed.to.join(" or ")}` : undefined}
            onClick={() => ask(deed)}
          >
            {deed.title}…
          </Button>
        );
      })}
      {asked === "start" && <Start {...props} onClose={close} />}
      {asked !== undefined && asked !== "start" && (
        <Ask {...props} deed={asked} onClose={close} />
      )}
    </div>
  );
}

async function act(
  props: Props,
  body: Record<string, unknown>,
  to: readonly Target[],
): Promise<number> {
  const some = props.some ? { mailboxes: to.map((t) => t.id) } : {};
  const got = await post<{ jobs: number }>(
    `${props.path}/actions`,
    { ...body, ...some },
    { once: once() },
  );
  props.onDone();
  return got.jobs;
}

function Ask(props: Props & { deed: Deed; onClose: () => void }) {
  const { deed } = props;
  const to = props.targets.filter(jobIn(deed.to));
  const jobs = to.length;
  return (
    <Confirm
      title={`${deed.title} ${props.whom}?`}
      danger={deed.danger}
      confirm={`${deed.title} ${several(jobs, "mailbox", "mailboxes")}`}
      does={
        <>
          <p>
            Of {props.whom}, {count(jobs)} {jobs === 1 ? "is" : "are"}{" "}
            {deed.to.join(" or ")}; the others stay as they are.
          </p>
          <p>{deed.does}</p>
        </>
      }
      onYes={async () => {
        const n = await act(props, { action: deed.action }, to);
        const undo = deed.undo;
        toast(
          `${several(n, "mailbox", "mailboxes")} ${deed.done}.`,
          undo && (() => act(props, { action: undo }, to)),
        );
      }}
      onClose={props.onClose}
    />
  );
}

function Start(props: Props & { onClose: () => void }) {
  const [pass, setPass] = useState("full");
  return (
    <Confirm
      title={`Start a pass over ${props.whom}`}
      confirm="Start it"
      does={
        <>
          <Select
            label="Which pass"
            value={pass}
            onValue={setPass}
            options={PASSES}
          />
          <p class="hint">
            One pass is queued for each mailbox that has none of that kind
            queued, running or paused. Their turn comes by priority, limits and
            hours; both servers are asked with the credentials on record.
          </p>
        </>
      }
      onYes={async () => {
        const n = await act(props, { action: "start", pass }, props.targets);
        toast(`${several(n, "pass", "passes")} queued.`);
      }}
      onClose={props.onClose}
    />
  );
}
