// The fleet: who works, and what they find at the servers.
import "../style/fleet.css";

import { useState } from "preact/hooks";

import { post } from "../api";
import {
  A,
  Button,
  Confirm,
  Empty,
  Headline,
  Page,
  Section,
  Shown,
  StateBadge,
  Table,
  Time,
  type Column,
} from "../parts";
import type { Host, Worker } from "../types/fleet";
import { useGet, useNow } from "../use";
import { bytes, count, percent, several } from "../words";
import {
  hostPath,
  hostState,
  isGone,
  sum,
  useAgain,
  workerState,
} from "./fleet/words";

/* ---- workers --------------------------------------------------------------- */

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
    { name: "name", title: "Worker", cell: (w) => w.name, by: (w) => w.name },
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
      title: "",
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

function Workers(props: { workers: Worker[]; again: () => void }) {
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

/* ---- hosts ----------------------------------------------------------------- */

/** How many of the answers asked for fewer requests. */
function refused(h: Host): number {
  const requests = sum(h, (l) => l.requests);
  return requests > 0 ? sum(h, (l) => l.busy) / requests : 0;
}

const hostColumns: Column<Host>[] = [
  {
    name: "host",
    title: "Server",
    cell: (h) => <A href={hostPath(h.host)}>{h.host}</A>,
    by: (h) => h.host,
  },
  {
    name: "state",
    title: "State",
    cell: (h) => <StateBadge state={hostState(h)} />,
    by: hostState,
  },
  {
    name: "running",
    title: "Mailboxes from it",
    number: true,
    cell: (h) =>
      h.most > 0 ? `${count(h.running)} of ${count(h.most)}` : count(h.running),
    by: (h) => h.running,
  },
  {
    name: "requests",
    title: "Requests at once",
    number: true,
    cell: (h) =>
      `${count(sum(h, (l) => l.inFlight))} of ${count(sum(h, (l) => l.concurrency))}`,
    by: (h) => sum(h, (l) => l.inFlight),
  },
  {
    name: "waiting",
    title: "Waiting",
    number: true,
    cell: (h) => count(sum(h, (l) => l.waiting)),
    by: (h) => sum(h, (l) => l.waiting),
  },
  {
    name: "busy",
    title: "Refused as busy",
    number: true,
    cell: (h) => percent(refused(h)),
    by: refused,
  },
  {
    name: "quiet",
    title: "Quiet hours",
    cell: (h) => h.quiet ?? <span class="hint">none</span>,
  },
];

function Hosts(props: { hosts: Host[] }) {
  return (
    <Section
      title="Servers"
      hint="Sources of migrations, servers that are limited, and those that a worker has asked."
    >
      <Table
        caption="servers"
        param="hosts"
        rows={props.hosts}
        columns={hostColumns}
        rowKey={(h) => h.host}
        text={(h) => h.host}
        sort="host"
        empty={
          <Empty
            title="No server is known yet"
            hint="Each source of a migration is listed here as soon as there is one."
          />
        }
      />
    </Section>
  );
}

/* ---- the page -------------------------------------------------------------- */

function Figures(props: { workers: Worker[]; hosts: Host[] }) {
  const now = useNow(5000);
  const alive = props.workers.filter((w) => !isGone(w, now));
  const places = alive.reduce((n, w) => n + (w.draining ? 0 : w.atOnce), 0);
  const stopped = props.hosts.filter((h) => hostState(h) === "backing off");
  return (
    <Headline
      figures={[
        {
          name: "Workers",
          value: count(alive.length),
          hint: `${count(alive.filter((w) => w.draining).length)} draining`,
        },
        {
          name: "Mailboxes under way",
          value: count(alive.reduce((n, w) => n + w.running, 0)),
          hint: `of ${several(places, "place")}`,
        },
        {
          name: "Requests at once",
          value: count(props.hosts.reduce((n, h) => n + sum(h, (l) => l.inFlight), 0)),
          hint: `to ${several(props.hosts.length, "server")}`,
        },
        {
          name: "Backing off",
          value: count(stopped.length),
          hint: stopped.map((h) => h.host).join(", ") || "no server asks for less",
        },
      ]}
    />
  );
}

export function Fleet() {
  const workers = useGet<{ items: Worker[] }>("/workers", { on: ["job", "audit"] });
  const hosts = useGet<{ items: Host[] }>("/hosts", { on: ["job", "audit"] });
  useAgain(() => {
    workers.again();
    hosts.again();
  });
  return (
    <Page title="Fleet" hint="Who moves mailboxes, and what the servers let them.">
      {workers.data && hosts.data && (
        <Figures workers={workers.data.items} hosts={hosts.data.items} />
      )}
      <Shown got={workers} what="workers">
        {(data) => <Workers workers={data.items} again={workers.again} />}
      </Shown>
      <Shown got={hosts} what="servers">
        {(data) => <Hosts hosts={data.items} />}
      </Shown>
    </Page>
  );
}
