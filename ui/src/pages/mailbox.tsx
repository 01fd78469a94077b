// One mailbox: where it stands, folder by folder, what failed and what to do
// about it, and what its row of the import file says.
import { useState } from "preact/hooks";

import { patch } from "../api";
import {
  Check,
  Empty,
  Facts,
  Form,
  Headline,
  Input,
  Meter,
  Page,
  Section,
  Shown,
  StateBadge,
  Table,
  Tabs,
  Time,
  toast,
  wrongIn,
} from "../parts";
import type { Folder, Mailbox, Migration, Pass } from "../types/migrations";
import { isStaff, useDoing, useGet, useSession } from "../use";
import { bytes, count, several } from "../words";
import { Causes } from "./migration/causes";
import { Deeds } from "./migration/deeds";

/** Bits of the column Flags: src/fleet/flags.h. */
const FLAGS = [
  [0, "Leave out mail"],
  [1, "Leave out the calendar"],
  [2, "Leave out contacts"],
  [3, "Leave out tasks"],
  [4, "Leave out notes"],
  [5, "Leave out the journal"],
  [6, "Leave out rules"],
  [8, "Tell the source’s owner when it is complete"],
  [9, "Tell the source’s owner when it fails"],
  [10, "Tell the destination’s owner when it is complete"],
  [11, "Tell the destination’s owner when it fails"],
  [12, "Ask the source’s owner for the password"],
  [13, "Ask the destination’s owner for the password"],
  [14, "Do not search the destination for what is there already"],
  [15, "Do not retry items that failed"],
] as const;

/* ---- folders and passes --------------------------------------------------- */

const folderDone = (f: Folder) =>
  f.items - (f.states["listed"] ?? 0) - (f.states["intended"] ?? 0) - (f.states["failed"] ?? 0);

function Folders({ id }: { id: number }) {
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

function Passes({ id }: { id: number }) {
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

/* ---- what its row says ---------------------------------------------------- */

interface RowProps {
  mailbox: Mailbox;
  version: string | undefined;
  again: () => void;
}

function Flags({ mailbox, version, again }: RowProps) {
  const [flags, set] = useState(mailbox.flags);
  const doing = useDoing();
  return (
    <Form
      send="Change the flags"
      busy={doing.busy}
      problem={doing.problem}
      onSend={() =>
        void doing
          .run(() => patch(`/mailboxes/${mailbox.id}`, { flags }, { version }))
          .then((good) => {
            if (!good) return;
            toast("Flags changed. A pass that runs goes on with them within a minute.");
            again();
          })
      }
    >
      <div class="checks">
        {FLAGS.map(([bit, text]) => (
          <Check
            key={bit}
            label={text}
            value={(flags & (1 << bit)) !== 0}
            onValue={(to) => set(to ? flags | (1 << bit) : flags & ~(1 << bit))}
          />
        ))}
      </div>
    </Form>
  );
}

function Own(props: RowProps & { side: "source" | "destination" }) {
  const { mailbox, version, again, side } = props;
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const doing = useDoing();
  return (
    <Section
      title={`Own credentials at the ${side}`}
      hint="In place of the administrative account, for this mailbox alone. What is on record is not shown."
    >
      <Form
        send="Keep them"
        busy={doing.busy}
        problem={doing.problem}
        fields={[side]}
        onSend={() =>
          void doing
            .run(() =>
              patch(
                `/mailboxes/${mailbox.id}`,
                { [side]: password === "" ? null : { password, ...(user && { user }) } },
                { version },
              ),
            )
            .then((good) => {
              if (!good) return;
              toast(password === "" ? "It has none of its own now." : "Sealed on record.");
              setPassword("");
              again();
            })
        }
      >
        <Input
          label={`User at the ${side}`}
          hint={`Empty: ${mailbox[side]}`}
          value={user}
          autoComplete="off"
          onValue={setUser}
        />
        <Input
          label={`Password at the ${side}`}
          hint="Empty: it has none, and the administrative account opens it."
          type="password"
          autoComplete="new-password"
          value={password}
          wrong={wrongIn(doing.problem, side)}
          onValue={setPassword}
        />
      </Form>
    </Section>
  );
}

/* ---- the page ------------------------------------------------------------- */

function Standing({ mailbox: m }: { mailbox: Mailbox }) {
  const done = Math.max(0, m.items - m.waiting);
  return (
    <>
      <Headline
        figures={[
          {
            name: "Items done",
            value: `${count(done)} of ${count(m.items)}`,
            hint: <Meter value={done} of={m.items} label={`${count(done)} of ${several(m.items, "item")} done`} />,
          },
          { name: "Copied", value: bytes(m.bytes), hint: `${several(m.copied, "item")}, by passes that have ended` },
          { name: "Failed", value: count(m.failed), hint: "items, by passes that have ended" },
          {
            name: "Done",
            value: m.forecast ? <Time at={m.forecast.p90} short /> : "–",
            hint: m.forecast ? `in nine of ten cases; it rests on ${m.forecast.basis}` : "nothing is to come, or not known yet",
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
                ...(staff && row
                  ? [
                      {
                        name: "row",
                        title: "Flags and credentials",
                        body: () => (
                          <div class="boxes">
                            <Section title="Flags">
                              <Flags key={got.version} {...row} />
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
