// Files that came with a request.
import { all } from "../../api";
import { Empty, Shown, Table, Time } from "../../parts";
import type { RequestFile } from "../../types/request";
import { bytes } from "../../words";
import { useAll } from "./all";

export function Files(props: { request: number; counts: number | null }) {
  const got = useAll(
    (signal) =>
      all<RequestFile>(`/requests/${props.request}/files`, { limit: 500 }, 5000, signal),
    props.request,
  );
  return (
    <Shown got={got} what="files">
      {(files) => (
        <Table
          caption="files"
          param="files"
          rows={files}
          rowKey={(f) => f.id}
          empty={<Empty title="No file came yet" />}
          columns={[
            {
              name: "name",
              title: "Name",
              by: (f) => f.name,
              cell: (f) => (
                <>
                  {f.name || "without a name"}{" "}
                  {f.id === props.counts && (
                    <span class="badge good">the one that counts</span>
                  )}
                </>
              ),
            },
            {
              name: "bytes",
              title: "Size",
              number: true,
              by: (f) => f.bytes,
              cell: (f) => bytes(f.bytes),
            },
            {
              name: "created",
              title: "Came",
              by: (f) => f.created,
              cell: (f) => <Time at={f.created} />,
            },
            {
              name: "digest",
              title: "SHA-256",
              cell: (f) => <code title={f.digest}>{f.digest.slice(0, 16)}…</code>,
            },
          ]}
        />
      )}
    </Shown>
  );
}
