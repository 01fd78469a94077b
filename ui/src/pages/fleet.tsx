// The fleet: who works, and what they find at the servers.
import "../style/fleet.css";

import { Headline, Page, Shown } from "../parts";
import type { Host, Worker } from "../types/fleet";
import { useGet, useNow } from "../use";
import { count, several } from "../words";
import { Hosts } from "./fleet/hosts";
import { hostState, isGone, sum, useAgain } from "./fleet/words";
import { Workers } from "./fleet/workers";

function Figures(props: { workers: Worker[]; hosts: Host[] }) {
  const now = useNow(5000);
  const alive = props.workers.filter((w) => !isGone(w, now));
  const gone = props.workers.length - alive.length;
  const places = alive.reduce((n, w) => n + (w.draining ? 0 : w.atOnce), 0);
  const stopped = props.hosts.filter((h) => hostState(h) === "backing off");
  return (
    <Headline
      figures={[
        {
          name: "Workers",
          value: count(alive.length),
          hint: `${count(alive.filter((w) => w.draining).length)} draining${gone > 0 ? `, ${count(gone)} gone` : ""}`,
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
