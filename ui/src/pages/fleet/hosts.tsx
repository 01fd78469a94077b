// The servers, and what they let the workers do.
import { A, Empty, Section, StateBadge, Table, type Column } from "../../parts";
import type { Host } from "../../types/fleet";
import { count, percent } from "../../words";
import { hostPath, hostState, sum } from "./words";

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

export function Hosts(props: { hosts: Host[] }) {
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
