// What a contact looks up about a request: its mailboxes, mails, what was done.
import type { List } from "../../api";
import { Empty, Shown, StateBadge, Table, Time } from "../../parts";
import type { Letter, Mailbox, TimelineLine } from "../../types/portal";
import { useGet } from "../../use";
import { count } from "../../words";
import { deed, doer, told } from "./plain";

/** Items that need no more looking at; some are left behind for a reason. */
const doneOf = (m: Mailbox) => Math.max(0, m.items - m.waiting);

export function Mailboxes(props: { migration: number | null }) {
  const got = useGet<List<Mailbox>>(
    props.migration === null ? null : `/migrations/${props.migration}/mailboxes`,
    { query: { limit: 500 }, on: ["mailbox"] },
  );
  if (props.migration === null) {
    return <Empty title="Not counted yet" hint="They appear once the import file was looked at." />;
  }
  return (
    <Shown got={got} what="the mailboxes">
      {(list) => (
        <>
          <Table
            caption="mailboxes"
            rows={list.items}
            rowKey={(m) => m.id}
            sort="source"
            empty={<Empty title="No mailboxes" />}
            columns={[
              { name: "source", title: "Mailbox", by: (m) => m.source, cell: (m) => m.source },
              {
                name: "state",
                title: "State",
                by: (m) => m.state,
                cell: (m) => (
                  <>
                    <StateBadge state={m.state} />
                    {m.reason !== null && (
                      <span class="hint why">
                        {m.reason}
                        {m.remedy !== null && `: ${m.remedy}`}
                      </span>
                    )}
                  </>
                ),
              },
              {
                name: "done",
                title: "Items done",
                number: true,
                by: (m) => (m.items === 0 ? -1 : doneOf(m)),
                cell: (m) =>
                  m.items === 0 ? "not listed" : `${count(doneOf(m))} of ${count(m.items)}`,
              },
              {
                name: "failed",
                title: "Failed",
                number: true,
                by: (m) => m.failed,
                cell: (m) => count(m.failed),
              },
            ]}
          />
          {list.next !== null && (
            <p class="hint">
              The first {list.items.length} are shown; all are in the report
              under Documents.
            </p>
          )}
        </>
      )}
    </Shown>
  );
}

export function Messages(props: { id: number }) {
  const got = useGet<List<Letter>>(`/requests/${props.id}/conversation`, {
    query: { limit: 500 },
    on: ["request"],
  });
  return (
    <Shown got={got} what="the messages">
      {(list) =>
        list.items.length === 0 ? (
          <Empty title="No mail yet" />
        ) : (
          <ol class="letters">
            {list.items.map((l) => (
              <li key={`${l.direction}${l.id}`}>
                <strong>{l.subject}</strong>
                <p class="hint">
                  {l.direction === "out" ? "To" : "From"} {l.person},{" "}
                  <Time at={l.at} />
                </p>
              </li>
            ))}
          </ol>
        )
      }
    </Shown>
  );
}

export function Timeline(props: { id: number }) {
  const got = useGet<List<TimelineLine>>(`/requests/${props.id}/timeline`, {
    query: { limit: 500 },
    on: ["request"],
  });
  return (
    <Shown got={got} what="the timeline">
      {(list) => (
        <ol class="timeline">
          {list.items.map((line) => (
            <li key={line.id}>
              <strong>{deed(line.action)}</strong> <Time at={line.at} />
              <p class="hint">
                {[doer(line), told(line)].filter(Boolean).join(": ")}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Shown>
  );
}
