// One mailbox: where it stands, folder by folder, what failed and what to do
// about it, and what its row of the import file says.
import {
  Facts,
  Headline,
  Meter,
  Page,
  Section,
  Shown,
  StateBadge,
  Tabs,
  Time,
} from "../parts";
import type { Mailbox, Migration } from "../types/migrations";
import { isStaff, useGet, useSession } from "../use";
import { bytes, count, several } from "../words";
import { CheckTab } from "./mailbox/check";
import { Causes } from "./migration/causes";
import { Deeds } from "./migration/deeds";
import { inWords } from "./migration/options_table";
import { Folders, Passes } from "./mailbox/ledger";
import { OwnOptions } from "./mailbox/options";
import { Flags, Own } from "./mailbox/row";

/* ---- the page ------------------------------------------------------------- */

function Standing({ mailbox: m }: { mailbox: Mailbox }) {
  const done = Math.max(0, m.items - m.waiting);
  const comes = m.job?.state === "queued" || m.job?.state === "running";
  return (
    <>
      <Headline
        figures={[
          {
            name: "Items done",
            value: m.items === 0 ? "not listed yet" : `${count(done)} of ${count(m.items)}`,
            hint:
              m.items === 0 ? (
                "the first pass that copies lists them"
              ) : (
                <Meter value={done} of={m.items} label={`${count(done)} of ${several(m.items, "item")} done`} />
              ),
          },
          { name: "Copied", value: bytes(m.bytes), hint: `${several(m.copied, "item")}, by passes that have ended` },
          { name: "Failed", value: count(m.failed), hint: "items, by passes that have ended" },
          {
            name: "Likely to be done",
            value: m.forecast ? <Time at={m.forecast.p90} short /> : comes ? "not known yet" : "–",
            hint: m.forecast
              ? `in nine of ten cases; it rests on ${m.forecast.basis}`
              : comes
                ? "said once some of it has been looked at"
                : "no pass is queued or running",
          },
        ]}
      />
      <Facts
        facts={[
          ["From", m.source],
          ["To", m.destination],
          ["Line of the file", String(m.line)],
          [
            "Last pass",
            m.job ? (
              <>
                {m.job.pass}: <StateBadge state={m.job.state} />
              </>
            ) : (
              "none yet"
            ),
          ],
          ...inWords(m.options ?? {}).map(
            ([name, value]) => [`${name} (its own)`, value] as const,
          ),
          (m.reason ?? m.job?.reason) ? ["Why", m.reason ?? m.job?.reason] : false,
          (m.remedy ?? m.job?.remedy) ? ["What to do", m.remedy ?? m.job?.remedy] : false,
        ]}
      />
    </>
  );
}

export function MailboxPage(props: { id: string }) {
  const id = Number(props.id);
  const staff = isStaff(useSession());
  const got = useGet<Mailbox>(`/mailboxes/${id}`, {
    on: ["mailbox", "job", "progress", "migration"],
    about: (e) => e.data["mailbox"] === id || e.type === "migration",
  });
  const m = got.data;
  const of = useGet<Migration>(m ? `/migrations/${m.migration}` : null);
  const row = m && { mailbox: m, version: got.version, again: got.again };
  return (
    <Page
      title={m?.source ?? "Mailbox"}
      badge={m && <StateBadge state={m.state} />}
      crumbs={[
        { href: "/migrations", text: "Migrations" },
        ...(m ? [{ href: `/migrations/${m.migration}`, text: of.data?.name ?? "its migration" }] : []),
      ]}
      actions={
        m &&
        staff && (
          <Deeds
            path={`/mailboxes/${id}`}
            targets={[m]}
            whom="this mailbox"
            some={false}
            onDone={got.again}
          />
        )
      }
    >
      <Shown got={got} what="the mailbox" lines={6}>
        {(mailbox) => (
          <>
            <Standing mailbox={mailbox} />
            <Tabs
              tabs={[
                { name: "folders", title: "Folders", body: () => <Folders id={id} /> },
                {
                  name: "failures",
                  title: "Failures",
                  body: () => <Causes path={`/mailboxes/${id}`} mailbox={id} />,
                },
                { name: "passes", title: "Passes", body: () => <Passes id={id} /> },
                { name: "check", title: "Check", body: () => <CheckTab id={id} /> },
                ...(staff && row
                  ? [
                      {
                        name: "row",
                        title: "Flags, options, credentials",
                        body: () => (
                          <div class="boxes">
                            <Section title="Flags">
                              <Flags {...row} />
                            </Section>
                            <Section
                              title="Options of its own"
                              hint="In place of what the migration is told, for this mailbox alone; what says nothing is as there."
                            >
                              <OwnOptions {...row} />
                            </Section>
                            <div class="two">
                              <Own {...row} side="source" />
                              <Own {...row} side="destination" />
                            </div>
                          </div>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          </>
        )}
      </Shown>
    </Page>
  );
}
