// What can be kept: the import file, the invoice's lines, the certificate, the reports.
import { url } from "../../api";
import { Empty, Shown } from "../../parts";
import type { Request } from "../../types/portal";
import { mayApprove, useGet, useSession } from "../../use";

interface Report {
  name: string;
  type: string;
  what: string;
}

interface Paper {
  href: string;
  name: string;
  what: string;
}

/** The states in which a quote was agreed on. */
const AGREED = [
  "approved",
  "scheduled",
  "running",
  "ready for cutover",
  "cut over",
  "completed",
];

/** The states in which the import file is destroyed. */
const OVER = ["completed", "refused", "cancelled"];

function papersOf(r: Request, payer: boolean): Paper[] {
  const all: Paper[] = [];
  if (r.file !== null && !OVER.includes(r.state)) {
    all.push({
      href: url(`/requests/${r.id}/import`, { form: "csv" }),
      name: "Import file",
      what: "the mailboxes as we took them, without passwords",
    });
  }
  if (payer && AGREED.includes(r.state)) {
    all.push({
      href: url(`/requests/${r.id}/invoice`, { form: "csv" }),
      name: "Invoice lines",
      what: "of the approved quote, as CSV",
    });
  }
  if (r.state === "completed" && r.migration !== null) {
    for (const [form, what] of [
      ["html", "what the verification found, to be read and printed"],
      ["json", "the same, signed: to be kept and checked"],
    ] as const) {
      all.push({
        href: url(`/requests/${r.id}/certificate`, { form }),
        name: `Certificate (${form.toUpperCase()})`,
        what,
      });
    }
  }
  return all;
}

function Papers(props: { papers: Paper[] }) {
  return props.papers.length === 0 ? (
    <Empty
      title="No documents yet"
      hint="The invoice's lines come with the approval, reports with the copying, the certificate with the end."
    />
  ) : (
    <ul class="papers">
      {props.papers.map((p) => (
        <li key={p.href}>
          <a href={p.href} download>
            {p.name}
          </a>
          <span class="hint">{p.what}</span>
        </li>
      ))}
    </ul>
  );
}

export function Documents(props: { request: Request }) {
  const { request: r } = props;
  const own = papersOf(r, mayApprove(useSession()));
  const got = useGet<{ items: Report[] }>(
    r.migration === null ? null : `/migrations/${r.migration}/reports`,
  );
  if (r.migration === null) return <Papers papers={own} />;
  return (
    <Shown got={got} what="the reports">
      {(list) => (
        <Papers
          papers={[
            ...own,
            ...list.items.map((report) => ({
              href: url(`/migrations/${r.migration}/reports/${encodeURIComponent(report.name)}`),
              name: report.name,
              what: report.what,
            })),
          ]}
        />
      )}
    </Shown>
  );
}
