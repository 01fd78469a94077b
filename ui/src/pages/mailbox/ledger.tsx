// A mailbox's folders and passes, as its ledger has them.
import { Empty, Meter, Shown, Table, Time } from "../../parts";
import type { Folder, Pass } from "../../types/migrations";
import { useGet } from "../../use";
import { bytes, count, several } from "../../words";

const folderDone = (f: Folder) =>
  f.items - (f.states["listed"] ?? 0) - (f.states["intended"] ?? 0) - (f.states["failed"] ?? 0);

export function Folders({ id }: { id: number }) {
  const got = useGet<{ items: Folder[] }>(`/mailboxes/${id}/folders`, {
    on: ["job", "progress"],
    about: (e) => e.data["mailbox"] === id,
  });
  return (
    <Shown got={got} what="folders" lines={6}>
      {({ items }) => (
        <Table
          caption="folders"
          rows={items}
          rowKey={(f) => f.id}
          sort="path"
          text={(f) => f.path}
          empty={<Empty title="No folders known" hint="The first pass lists them." />}
          columns={[
            {
              name: "path",
              title: "Folder",
              long: true,
              by: (f) => f.path,
              cell: (f) => (
                <>
                  {f.path}
                  {f.gone && <span class="hint"> gone at the source</span>}
                  {!f.mapped && !f.gone && <span class="hint"> not made at the destination yet</span>}
                </>
              ),
            },
            {
              name: "done",
              title: "Items done",
              whole: true,
              by: (f) => folderDone(f) / Math.max(1, f.items),
              cell: (f) => (
                <>
                  <Meter
                    value={folderDone(f)}
                    of={f.items}
                    label={`${count(folderDone(f))} of ${several(f.items, "item")} done`}
                  />
                  {count(folderDone(f))} of {count(f.items)}
                </>
              ),
            },
            {
              name: "failed",
              title: "Failed",
              number: true,
              by: (f) => f.states["failed"] ?? 0,
              cell: (f) => count(f.states["failed"] ?? 0),
            },
            {
              name: "there",
              title: "There before",
              number: true,
              by: (f) => f.states["already there"] ?? 0,
              cell: (f) => count(f.states["already there"] ?? 0),
            },
            {
              name: "bytes",
              title: "Copied",
              number: true,
              by: (f) => f.bytes,
              cell: (f) => bytes(f.bytes),
            },
          ]}
        />
      )}
    </Shown>
  );
}

export function Passes({ id }: { id: number }) {
  const got = useGet<{ items: Pass[] }>(`/mailboxes/${id}/passes`, {
    on: ["job"],
    about: (e) => e.data["mailbox"] === id,
  });
  const figures = [
    ["copied", "Copied"],
    ["updated", "Updated"],
    ["moved", "Moved"],
    ["removed", "Removed"],
    ["failed", "Failed"],
    ["conflicts", "Conflicts"],
  ] as const;
  return (
    <Shown got={got} what="passes">
      {({ items }) => (
        <Table
          caption="passes"
          param="passes"
          rows={items}
          rowKey={(p) => p.id}
          sort="-begun"
          empty={<Empty title="No pass yet" />}
          columns={[
            { name: "kind", title: "Pass", by: (p) => p.kind, cell: (p) => p.kind },
            {
              name: "begun",
              title: "Begun",
              by: (p) => p.begun,
              cell: (p) => <Time at={p.begun} />,
            },
            {
              name: "ended",
              title: "Ended",
              by: (p) => p.ended,
              cell: (p) => <Time at={p.ended} none="under way, or cut off" />,
            },
            {
              name: "outcome",
              title: "Outcome",
              by: (p) => p.outcome,
              cell: (p) => p.outcome ?? "",
            },
            ...figures.map(([name, title]) => ({
              name,
              title,
              number: true,
              by: (p: Pass) => p[name],
              cell: (p: Pass) => count(p[name]),
            })),
          ]}
        />
      )}
    </Shown>
  );
}
