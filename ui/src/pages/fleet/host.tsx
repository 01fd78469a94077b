// One server: what is said of it, what workers find there, and how it went.
import { useMemo, useState } from "preact/hooks";

import { patch } from "../../api";
import {
  backOffs,
  each,
  mean,
  useHistory,
  usePoints,
  type Point,
} from "../../history";
import {
  Button,
  Dialog,
  Empty,
  Facts,
  Form,
  Input,
  Page,
  Plot,
  Section,
  Shown,
  StateBadge,
  Table,
  Time,
  toast,
  wrongIn,
  type Column,
  type Series,
} from "../../parts";
import type { Host, Load } from "../../types/fleet";
import type { History } from "../../types/history";
import { useDoing, useGet } from "../../use";
import { bytes, count, duration, percent, several } from "../../words";
import { backsOff, hostPath, hostState, isQuiet, useAgain } from "./words";

/* ---- what is said of it ---------------------------------------------------- */

interface Props {
  host: Host;
  version: string | undefined;
}

function Limits(props: Props & { done: () => void }) {
  const { host } = props;
  // the page reads anew meanwhile: what is changed is what was seen here
  const [version] = useState(props.version);
  const [most, setMost] = useState(host.most > 0 ? String(host.most) : "");
  const [quiet, setQuiet] = useState(host.quiet ?? "");
  const doing = useDoing();
  const send = async () => {
    const done = await doing.run(() =>
      patch(
        hostPath(host.host),
        {
          most: most.trim() === "" ? null : Number(most),
          quiet: quiet.trim() === "" ? null : quiet.trim(),
        },
        { version },
      ),
    );
    if (!done) return;
    toast("Workers heed it within a third of their lease.");
    props.done();
  };
  return (
    <Dialog title={`Limits of ${host.host}`} onClose={props.done}>
      <Form
        send="Keep these limits"
        onSend={() => void send()}
        busy={doing.busy}
        problem={doing.problem}
        fields={["most", "quiet"]}
        other={<Button onClick={props.done}>Leave it as it is</Button>}
      >
        <Input
          label="Mailboxes at once"
          hint="From this server, over all workers and migrations. Empty: any number. Those under way beyond it go on to their end."
          inputMode="numeric"
          value={most}
          onValue={setMost}
          wrong={wrongIn(doing.problem, "most")}
        />
        <Input
          label="Quiet hours"
          hint="When no request to it begins, like Mon-Fri 08:00-18:00 Europe/Berlin. Empty: none. What is under way waits until they are over."
          value={quiet}
          onValue={setQuiet}
          wrong={wrongIn(doing.problem, "quiet")}
        />
      </Form>
    </Dialog>
  );
}

function Said(props: Props & { again: () => void }) {
  const { host } = props;
  const [editing, edit] = useState(false);
  const until = backsOff(host);
  const quietUntil = isQuiet(host);
  return (
    <Section
      title="How it stands"
      actions={<Button onClick={() => edit(true)}>Change limits</Button>}
    >
      <Facts
        facts={[
          ["Source of", several(host.migrations, "migration")],
          [
            "Mailboxes under way",
            host.most > 0
              ? `${count(host.running)} of ${count(host.most)} at once`
              : `${count(host.running)}, any number at once`,
          ],
          ["Quiet hours", host.quiet ?? "none"],
          quietUntil !== null && ["Quiet until", <Time at={quietUntil} />],
          until !== null && ["Backs off until", <Time at={until} />],
        ]}
      />
      {editing && (
        <Limits
          host={host}
          version={props.version}
          done={() => {
            edit(false);
            props.again();
          }}
        />
      )}
    </Section>
  );
}

/* ---- what workers find ----------------------------------------------------- */

const loadColumns: Column<Load>[] = [
  { name: "worker", title: "Worker", whole: true, cell: (l) => l.worker, by: (l) => l.worker },
  {
    name: "inFlight",
    title: "Requests at once",
    number: true,
    cell: (l) => `${count(l.inFlight)} of ${count(l.concurrency)}`,
    by: (l) => l.inFlight,
  },
  {
    name: "waiting",
    title: "Waiting",
    number: true,
    cell: (l) => count(l.waiting),
    by: (l) => l.waiting,
  },
  {
    name: "requests",
    title: "Requests so far",
    number: true,
    cell: (l) => count(l.requests),
    by: (l) => l.requests,
  },
  {
    name: "busy",
    title: "Refused as busy",
    number: true,
    cell: (l) => count(l.busy),
    by: (l) => l.busy,
  },
  {
    name: "throttled",
    title: "Held up by back-offs",
    number: true,
    cell: (l) => duration(l.throttledSeconds),
    by: (l) => l.throttledSeconds,
  },
  {
    name: "until",
    title: "Backs off until",
    cell: (l) => <Time at={l.backOffUntil} none="not at the moment" short />,
    by: (l) => l.backOffUntil,
  },
];

function Found(props: { loads: Load[] }) {
  return (
    <Section
      title="What workers find"
      hint="Each worker learns by itself how many requests at once bring most."
    >
      <Table
        caption="workers at this server"
        rows={props.loads}
        columns={loadColumns}
        rowKey={(l) => l.worker}
        sort="worker"
        empty={<Empty title="No worker that lives has asked it yet" />}
      />
    </Section>
  );
}

/* ---- how it went ----------------------------------------------------------- */

const some = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const plain = (n: number) => some.format(n);

function governed(all: readonly Point[]): Series[] {
  return [
    {
      name: "Requests at once",
      colour: "active",
      unit: plain,
      values: each(all, (s, p) => mean(s.inFlight, p)),
    },
    {
      name: "Limit that was learnt",
      colour: "waiting",
      unit: plain,
      dashed: true,
      values: each(all, (s, p) => mean(s.concurrency, p)),
    },
    {
      name: "Throttled",
      colour: "warn",
      unit: percent,
      right: true,
      upTo: 1,
      dashed: true,
      values: each(all, (s) => s.throttledShare),
    },
  ];
}

function moved(all: readonly Point[]): Series[] {
  return [
    {
      name: "Data",
      colour: "active",
      unit: (n) => `${bytes(n)}/h`,
      values: each(all, (s, p) => (s.bytes / p.seconds) * 3600),
    },
    {
      name: "Mailboxes at once",
      colour: "good",
      unit: plain,
      right: true,
      dashed: true,
      values: each(all, (s, p) => mean(s.mailboxes, p)),
    },
  ];
}

function Went(props: { samples: History["samples"] }) {
  const all = usePoints(props.samples);
  const times = useMemo(() => all.map((p) => p.at), [all]);
  const marks = useMemo(() => backOffs(all), [all]);
  const governor = useMemo(() => governed(all), [all]);
  const data = useMemo(() => moved(all), [all]);
  if (all.length === 0) {
    return <Empty title="Nothing has gone on with it yet" />;
  }
  return (
    <div class="plots">
      <Plot title="Governor" times={times} series={governor} marks={marks} />
      <Plot title="From and to it" times={times} series={data} marks={marks} />
    </div>
  );
}

/* ---- the page -------------------------------------------------------------- */

export function HostPage(props: { host: string }) {
  const path = hostPath(props.host);
  const got = useGet<Host>(path, { on: ["job", "audit"] });
  const history = useHistory(`${path}/history`);
  useAgain(got.again);
  return (
    <Page
      title={props.host}
      crumbs={[{ href: "/fleet", text: "Fleet" }]}
      badge={got.data && <StateBadge state={hostState(got.data)} />}
    >
      <Shown got={got} what="the server">
        {(host) => (
          <>
            <Said host={host} version={got.version} again={got.again} />
            <Found loads={host.workers} />
          </>
        )}
      </Shown>
      {(got.data ?? got.problem) && (
        // below what is above it: nothing jumps
        <Section title="Over time">
          <Shown got={history} what="what went on" lines={8}>
            {(data) => <Went samples={data.samples} />}
          </Shown>
        </Section>
      )}
    </Page>
  );
}
