// Why items failed, grouped by cause with what to do about it; each group lists
// its items when it is opened.
import { useState } from "preact/hooks";

import { get, type List, type Problem } from "../../api";
import { A, Bars, Button, Empty, Fault, Shown, Table, Time } from "../../parts";
import type { Cause, FailedItem } from "../../types/migrations";
import { problemOf, useGet } from "../../use";
import { bytes, several } from "../../words";

const PAGE = 50;

/** path: "/migrations/3" or "/mailboxes/7", whose items can be listed. */
export function Causes(props: { path: string; mailbox?: number }) {
  const got = useGet<{ items: Cause[] }>(`${props.path}/failures`, {
    on: ["job", "migration"],
  });
  return (
    <Shown got={got} what="failures">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="Nothing failed" hint="As far as passes have come by now." />
        ) : (
          <>
            {items.map((cause) => (
              <OneCause
                key={`${cause.name} ${cause.reason}`}
                cause={cause}
                mailbox={props.mailbox}
              />
            ))}
          </>
        )
      }
    </Shown>
  );
}

function OneCause(props: { cause: Cause; mailbox: number | undefined }) {
  const { cause, mailbox } = props;
  return (
    <div class="cause">
      <h3>
        {several(cause.items, "item")}: {cause.reason ?? "no reason is on record"}
      </h3>
      {cause.remedy && <p>What to do: {cause.remedy}</p>}
      <p class="hint">
        {cause.name && <>The server calls it {cause.name}. </>}
        {cause.example && <>For example “{cause.example}”. </>}
        {mailbox === undefined && (
          <A href={`/mailboxes/${cause.mailbox}?tab=failures`}>
            A mailbox that has it
          </A>
        )}
      </p>
      {mailbox !== undefined && (
        <Items mailbox={mailbox} reason={cause.reason ?? ""} />
      )}
    </div>
  );
}

/** A page at a time, as asked for. */
function Items(props: { mailbox: number; reason: string }) {
  const [items, set] = useState<FailedItem[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [problem, fail] = useState<Problem | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  async function more(): Promise<void> {
    setBusy(true);
    try {
      const page = await get<List<FailedItem>>(
        `/mailboxes/${props.mailbox}/failed-items`,
        { reason: props.reason, limit: PAGE, after: next ?? undefined },
      );
      set([...items, ...page.items]);
      setNext(page.next);
      fail(undefined);
    } catch (cause) {
      fail(problemOf(cause));
    }
    setBusy(false);
  }

  return (
    <>
      {items.length > 0 && (
        <Table
          caption="items that failed"
          param={`items-${items[0]?.id ?? 0}`}
          rows={items}
          rowKey={(i) => i.id}
          columns={[
            {
              name: "subject",
              title: "Subject",
              by: (i) => i.subject,
              cell: (i) => i.subject ?? <span class="hint">not known</span>,
            },
            { name: "kind", title: "Kind", by: (i) => i.kind, cell: (i) => i.kind },
            {
              name: "received",
              title: "Received",
              by: (i) => i.received,
              cell: (i) => <Time at={i.received} none="not told" />,
            },
            {
              name: "bytes",
              title: "Size",
              number: true,
              by: (i) => i.bytes,
              cell: (i) => bytes(i.bytes),
            },
          ]}
        />
      )}
      {problem && <Fault problem={problem} />}
      {busy && items.length === 0 && <Bars lines={2} what="items" />}
      {next !== null && (
        <div class="actions">
          <Button busy={busy} onClick={() => void more()}>
            {next === undefined ? "Show the items" : "Show more"}
          </Button>
        </div>
      )}
    </>
  );
}
