// Who moves mailboxes, and how they are drained and let go on.
import { useState } from "preact/hooks";

import { post } from "../../api";
import { Button, Confirm, Empty, Section, StateBadge, Table, Time, type Column } from "../../parts";
import type { Worker } from "../../types/fleet";
import { useNow } from "../../use";
import { bytes, count, several } from "../../words";
import { isGone, workerState } from "./words";

const setDraining = (w: Worker, drain: boolean) =>
  post(`/workers/${encodeURIComponent(w.name)}/actions`, { drain });

function AskDrain(props: { worker: Worker; done: () => void }) {
  const { worker } = props;
  return (
    <Confirm
      title={`Drain ${worker.name}?`}
      does={
        <>
          <p>
            It takes no further mailbox.{" "}
            {worker.running > 0
              ? `${several(worker.running, "mailbox", "mailboxes")} of its go on to the end of their pass; then it stops working.`
              : "It moves none now, and stops working at once."}
          </p>
          <p>
            As long as it is listed it can be let go on: the service’s own worker
            waits for that, the process of another one ends and has to be
            started again. Other workers take what is queued.
          </p>
        </>
      }
      confirm="Drain it"
      onYes={() => setDraining(worker, true)}
      onClose={props.done}
    />
  );
}

function AskResume(props: { worker: Worker; done: () => void }) {
  return (
    <Confirm
      title={`Let ${props.worker.name} go on?`}
      does={<p>It takes queued mailboxes again, up to {props.worker.atOnce} at once.</p>}
      confirm="Let it go on"
      onYes={() => setDraining(props.worker, false)}
      onClose={props.done}
    />
  );
}

function workerColumns(now: number, ask: (w: Worker) => void): Column<Worker>[] {
  return [
    { name: "name", title: "Worker", whole: true, cell: (w) => w.name, by: (w) => w.name },
    {
      name: "state",
      title: "State",
      cell: (w) => <StateBadge state={workerState(w, now)} />,
      by: (w) => workerState(w, now),
    },
    {
      name: "running",
      title: "Mailboxes",
      number: true,
      cell: (w) => `${count(w.running)} of ${count(w.atOnce)}`,
      by: (w) => w.running,
    },
    {
      name: "items",
      title: "Copied since it began",
      number: true,
      cell: (w) => `${several(w.items, "item")}, ${bytes(w.bytes)}`,
      by: (w) => w.items,
    },
    {
      name: "ended",
      title: "Jobs ended",
      number: true,
      cell: (w) => count(w.ended),
      by: (w) => w.ended,
    },
    {
      name: "lost",
      title: "Leases lost",
      number: true,
      cell: (w) =>
        w.lateWrites > 0
          ? `${count(w.leasesLost)} (${several(w.lateWrites, "late write")} refused)`
          : count(w.leasesLost),
      by: (w) => w.leasesLost,
    },
    {
      name: "seen",
      title: "Last seen",
      cell: (w) => <Time at={w.seen} short />,
      by: (w) => w.seen,
    },
    {
      name: "deed",
      title: "What can be done",
      cell: (w) =>
        !isGone(w, now) && (
          <Button
            kind="quiet"
            aria-label={`${w.draining ? "Let go on" : "Drain"} ${w.name}`}
            onClick={() => ask(w)}
          >
            {w.draining ? "Let go on" : "Drain"}
          </Button>
        ),
    },
  ];
}

export function Workers(props: { workers: Worker[]; again: () => void }) {
  const now = useNow(5000);
  const [asked, ask] = useState<Worker>();
  const done = () => {
    ask(undefined);
    props.again();
  };
  return (
    <Section title="Workers">
      <Table
        caption="workers"
        param="workers"
        rows={props.workers}
        columns={workerColumns(now, ask)}
        rowKey={(w) => w.name}
        sort="name"
        empty={
          <Empty
            title="Nobody works"
            hint="What is queued waits. Start one: mailferry worker, or serve with --at-once above 0."
          />
        }
      />
      {asked &&
        (asked.draining ? (
          <AskResume worker={asked} done={done} />
        ) : (
          <AskDrain worker={asked} done={done} />
        ))}
    </Section>
  );
}
