// What the last check of a mailbox found, before anything of it is moved: what
// has to be seen to first, how much there is, and how either side is reached.
import type { LiveEvent } from "../../events";
import { Empty, Facts, Headline, Section, Shown, Time } from "../../parts";
import type { Check, Checked, CheckedSide, Finding, Room } from "../../types/check";
import type { Pass } from "../../types/migrations";
import { useGet } from "../../use";
import { bytes, count, duration, sentence, several } from "../../words";
import { FoundFolders, Kinds, LargeItems } from "./check_tables";

/** By what somebody may read a mailbox: src/endpoint/endpoint.c. */
const rights: Record<string, string> = {
  "own password": "the mailbox’s own password",
  impersonation: "impersonation by the administrative account",
  "full access": "full access of the administrative account",
  unknown: "not known",
};

/** What the expected time rests on: src/engine/expect.c. */
const bases: Record<string, string> = {
  measured: "by what was copied between these servers",
  "round trips": "by how fast they answered",
  default: "a rule of thumb; nothing was measured yet",
};

/* ---- what is to be seen to ------------------------------------------------- */

function Findings(props: { title: string; hint?: string; all: readonly Finding[] }) {
  if (props.all.length === 0) return null;
  const by = new Map<string, Finding[]>();
  for (const f of props.all) by.set(f.cause, [...(by.get(f.cause) ?? []), f]);
  return (
    <Section title={props.title} hint={props.hint}>
      <ul class="findings">
        {[...by].map(([cause, alike]) => (
          <li key={cause}>
            <strong>{sentence(alike[0]?.what ?? cause)}</strong>
            {alike.map((f, i) => (
              <p key={i}>{sentence(f.text)}</p>
            ))}
            {alike[0]?.remedy && <p class="hint">What to do: {alike[0].remedy}.</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/* ---- either side ----------------------------------------------------------- */

function places(side: CheckedSide): string {
  const all = Object.entries(side.roots).map(([name, a]) =>
    a.items === undefined
      ? name
      : `${name} with ${several(a.items, "item")}, ${bytes(a.bytes ?? 0)}`,
  );
  return all.join("; ") || "none";
}

function Side(props: { title: string; side: CheckedSide; room?: Room }) {
  const { side, room } = props;
  return (
    <Section title={props.title}>
      <Facts
        facts={[
          ["Server", `${side.release}, version ${side.version ?? "not told"}`],
          ["Signed in with", side.scheme ?? "nothing that is known"],
          ["Opened by", rights[side.rights] ?? side.rights],
          ["Primary address", side.primary_address ?? "not told"],
          ["Beside the mailbox", places(side)],
          side.request_max_bytes !== null && [
            "Largest request",
            bytes(side.request_max_bytes),
          ],
          room && [
            "Room",
            room.quota_bytes === null
              ? `no quota is known; ${bytes(room.needed_bytes)} are to come`
              : `${bytes(room.used_bytes)} of ${bytes(room.quota_bytes)} are used; ${bytes(room.needed_bytes)} are to come`,
          ],
        ]}
      />
    </Section>
  );
}

/* ---- all of it ------------------------------------------------------------- */

function taking({ least_seconds: least, most_seconds: most }: Check["expected"]): string {
  const [from, to] = [duration(least), duration(most)];
  if (most < 60) return "less than a minute";
  return from === to ? `about ${to}` : `${from} to ${to}`;
}

function Found(props: { check: Check; at: string | null | undefined }) {
  const { check: c, at } = props;
  const first = c.findings.filter((f) => f.warning);
  return (
    <div class="boxes">
      <p class="hint">
        {at ? (
          <>
            As it was on <Time at={at} />
          </>
        ) : (
          "As it was at the last check"
        )}
        ; nothing was written.
      </p>
      <Headline
        figures={[
          { name: "To copy", value: several(c.to_copy.items, "item"), hint: bytes(c.to_copy.bytes) },
          { name: "Takes", value: taking(c.expected), hint: bases[c.expected.by] ?? c.expected.by },
          {
            name: "To be seen to first",
            value: count(new Set(first.map((f) => f.cause)).size),
            hint: first.length === 0 ? "nothing stands in the way" : "before anything is copied",
          },
          {
            name: "Too large",
            value: count(c.large.count),
            hint:
              c.large.limit_bytes === null
                ? "what the destination takes is not known"
                : `items beyond the ${bytes(c.large.limit_bytes)} that the destination takes`,
          },
        ]}
      />
      <Findings title="To be seen to first" all={first} />
      <Findings
        title="Good to know"
        hint="Nobody has to do anything about it."
        all={c.findings.filter((f) => !f.warning)}
      />
      <div class="two">
        <Side title="Source" side={c.source} />
        <Side title="Destination" side={c.destination} room={c.destination.room} />
      </div>
      <Kinds check={c} />
      <LargeItems check={c} />
      <FoundFolders folders={c.folders} />
    </div>
  );
}

function NotFound({ job }: { job: NonNullable<Checked["job"]> }) {
  if (job.state !== "failed") {
    return (
      <Empty
        title={`The check is ${job.state}`}
        hint="What it finds is shown here once it is done."
      />
    );
  }
  return (
    <div class="fault">
      <p>{sentence(job.reason ?? "the mailbox cannot be migrated")}</p>
      {job.remedy && <p class="hint">What to do: {job.remedy}.</p>}
      {job.name && <p class="hint">The server calls it {job.name}.</p>}
    </div>
  );
}

export function CheckTab({ id }: { id: number }) {
  const wish = {
    on: ["job"] as const,
    about: (e: LiveEvent) => e.data["mailbox"] === id,
  };
  const got = useGet<Checked>(`/mailboxes/${id}/check`, wish);
  // when it was: what the ledger has of the latest that ended
  const passes = useGet<{ items: Pass[] }>(`/mailboxes/${id}/passes`, wish);
  const at = passes.data?.items
    .filter((p) => p.kind === "check" && p.ended !== null)
    .map((p) => p.ended)
    .sort()
    .at(-1);
  return (
    <Shown got={got} what="the check" lines={6}>
      {({ job, check }) =>
        job === null ? (
          <Empty
            title="Not checked yet"
            hint="A check signs in at both sides, counts what there is to copy, and says what has to be seen to first. It writes nothing."
          />
        ) : check === null ? (
          <NotFound job={job} />
        ) : (
          <Found check={check} at={at} />
        )
      }
    </Shown>
  );
}
