// How much a check has counted: by kind, by folder, and what is too large.
import { Section, Table, Time } from "../../parts";
import type { Check, FoundFolder } from "../../types/check";
import { bytes, count, several } from "../../words";

export function Kinds({ check }: { check: Check }) {
  const rows = Object.entries(check.kinds)
    .map(([kind, amount]) => ({ kind, ...amount }))
    .filter((row) => row.items > 0);
  return (
    <Section
      title="By kind"
      hint={
        check.kinds_by === "item"
          ? "Each item by its own class."
          : "Each item by the class of its folder; the option “by item” counts each by its own."
      }
    >
      <Table
        caption="kinds of items"
        param="kinds"
        rows={rows}
        rowKey={(row) => row.kind}
        sort="-items"
        columns={[
          {
            name: "kind",
            title: "Kind",
            by: (row) => row.kind,
            cell: (row) => (
              <>
                {row.kind}
                {row.left_out && <span class="hint"> left out by flags or options</span>}
              </>
            ),
          },
          { name: "items", title: "Items", number: true, by: (row) => row.items, cell: (row) => count(row.items) },
          { name: "bytes", title: "Size", number: true, by: (row) => row.bytes, cell: (row) => bytes(row.bytes) },
        ]}
      />
    </Section>
  );
}

export function LargeItems({ check }: { check: Check }) {
  const { large } = check;
  if (large.count === 0) return null;
  const more = large.count - large.items.length;
  return (
    <Section
      title="Too large for the destination"
      hint="They stay behind and are reported, unless the destination is told to take more."
    >
      <Table
        caption="items that are too large"
        param="large"
        rows={large.items.map((item, i) => ({ ...item, i }))}
        rowKey={(item) => item.i}
        sort="-bytes"
        columns={[
          {
            name: "subject",
            title: "Subject",
            long: true,
            by: (item) => item.subject,
            cell: (item) => item.subject ?? <span class="hint">none</span>,
          },
          { name: "folder", title: "Folder", by: (item) => item.folder, cell: (item) => item.folder },
          {
            name: "received",
            title: "Received",
            by: (item) => item.received,
            cell: (item) => <Time at={item.received} none="not told" />,
          },
          { name: "bytes", title: "Size", number: true, by: (item) => item.bytes, cell: (item) => bytes(item.bytes) },
        ]}
      />
      {more > 0 && <p class="hint">… and {several(more, "more item", "more items")}.</p>}
    </Section>
  );
}

export function FoundFolders({ folders }: { folders: readonly FoundFolder[] }) {
  return (
    <Section title="Folders at the source">
      <Table
        caption="folders that were counted"
        param="found"
        rows={folders}
        rowKey={(f) => f.path}
        sort="-items"
        columns={[
          {
            name: "path",
            title: "Folder",
            long: true,
            by: (f) => f.path,
            cell: (f) => (
              <>
                {f.path}
                {f.skipped && <span class="hint"> is not copied</span>}
              </>
            ),
          },
          { name: "kind", title: "Kind", by: (f) => f.kind, cell: (f) => f.kind },
          { name: "items", title: "Items", number: true, by: (f) => f.items, cell: (f) => count(f.items) },
          { name: "bytes", title: "Size", number: true, by: (f) => f.bytes, cell: (f) => bytes(f.bytes) },
        ]}
      />
    </Section>
  );
}
