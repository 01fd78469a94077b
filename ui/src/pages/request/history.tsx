// What was decided about a request, from the audit trail.
import { all } from "../../api";
import { Shown, Table, Time } from "../../parts";
import type { Line } from "../../types/request";
import { useAll } from "./all";

export function History(props: { request: number }) {
  const got = useAll(
    (signal) =>
      all<Line>(`/requests/${props.request}/timeline`, { limit: 500 }, 5000, signal),
    props.request,
  );
  return (
    <Shown got={got} what="the history" lines={6}>
      {(lines) => (
        <Table
          caption="lines of the history"
          param="history"
          rows={lines}
          rowKey={(l) => l.id}
          sort="-at"
          text={(l) => `${l.actor} ${l.action} ${l.detail ?? ""}`}
          columns={[
            { name: "at", title: "When", by: (l) => l.id, cell: (l) => <Time at={l.at} /> },
            { name: "actor", title: "Who", by: (l) => l.actor, cell: (l) => l.actor },
            {
              name: "action",
              title: "What",
              by: (l) => l.action,
              cell: (l) => <code>{l.action}</code>,
            },
            { name: "detail", title: "In words", cell: (l) => l.detail ?? "" },
          ]}
        />
      )}
    </Shown>
  );
}
