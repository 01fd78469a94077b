// From nothing to a finished trial run on the lab, for who has no Exchange at
// hand.  The lab is a program of its own, so the page gives the command that
// starts it and sees whether it answers; all else is done from here.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { post } from "../api";
import { A, Button, Fault, Meter, Page, Section, StateBadge } from "../parts";
import { useDoing, useGet, useQuery, useSession } from "../use";
import { several } from "../words";

const START = "lab/pair start /tmp/trial --mailboxes 3 --items 200";
const CONFIG = `[engine]
ca-file = /tmp/trial/ca.pem
private-networks = 127.0.0.0/8`;
const STOP = "lab/pair stop /tmp/trial";

interface Probe {
  reachable: boolean;
  host: string | null;
  version: string | null;
  detail: string | null;
  remedy: string | null;
}

interface Migration {
  id: number;
  mailboxes: number;
  states: Record<string, number>;
  jobs: Record<string, number>;
}

/** What lab/pair leaves in its folder, as it was chosen here. */
interface Trial {
  source: string;
  destination: string;
  rows: string;
}

function Step(props: {
  title: string;
  done: boolean;
  children: ComponentChildren;
}) {
  return (
    <li class={props.done ? "done" : undefined}>
      <Section title={`${props.title}${props.done ? ": done" : ""}`}>
        {props.children}
      </Section>
    </li>
  );
}

/* ---- the lab --------------------------------------------------------------- */

/** A line NAME='value' of lab/pair's file "env". */
function valueOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}='([^'\\n]*)'$`, "m").exec(text)?.[1];
}

async function read(files: FileList): Promise<Trial> {
  const texts = await Promise.all([...files].map((file) => file.text()));
  const env = texts.find((text) => valueOf(text, "SOURCE_URL"));
  const rows = texts.find((text) => text.startsWith("Source Email,"));
  const source = env && valueOf(env, "SOURCE_URL");
  const destination = env && valueOf(env, "DESTINATION_URL");
  if (!source || !destination || !rows) {
    throw new Error(
      "Choose both files together: env and import-passwords.csv of that folder.",
    );
  }
  return { source, destination, rows };
}

async function probe(side: string, url: string): Promise<void> {
  const seen = await post<Probe>("/probes", { url });
  if (seen.reachable) return;
  throw new Error(
    `The ${side} does not answer: ${seen.detail ?? "no reason is known"}.` +
      (seen.remedy ? ` What to do: ${seen.remedy}.` : ""),
  );
}

function Choose(props: { trial: Trial | undefined; onTrial: (t: Trial) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const doing = useDoing();
  const take = (files: FileList) =>
    doing.run(async () => {
      const trial = await read(files);
      await probe("source", trial.source);
      await probe("destination", trial.destination);
      props.onTrial(trial);
    });
  return (
    <>
      {doing.problem && <Fault problem={doing.problem} />}
      <Button busy={doing.busy} onClick={() => input.current?.click()}>
        {doing.busy ? "Looking whether the lab answers …" : "Choose the two files"}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        class="heard"
        tabIndex={-1}
        aria-label="The files env and import-passwords.csv"
        onChange={(e) => {
          const files = e.currentTarget.files;
          if (files && files.length > 0) void take(files);
        }}
      />
      {props.trial && (
        <p role="status">
          Both labs answer. The file names{" "}
          {several(props.trial.rows.trim().split("\n").length - 1, "mailbox", "mailboxes")}.
        </p>
      )}
    </>
  );
}

/* ---- the run --------------------------------------------------------------- */

const under = (m: Migration) =>
  (m.jobs["queued"] ?? 0) + (m.jobs["running"] ?? 0) > 0;
const all = (m: Migration, state: string) =>
  m.mailboxes > 0 && (m.states[state] ?? 0) === m.mailboxes;

function Standing(props: { of: Migration; state: string }) {
  const { of: m, state } = props;
  const there = m.states[state] ?? 0;
  return (
    <>
      <Meter value={there} of={m.mailboxes} label={`${there} of ${m.mailboxes} ${state}`} />
      <ul class="plain-list" aria-label="Mailboxes by state">
        {Object.entries(m.states)
          .filter(([, n]) => n > 0)
          .map(([name, n]) => (
            <li key={name}>
              {n} <StateBadge state={name} />
            </li>
          ))}
      </ul>
    </>
  );
}

function Run(props: { trial: Trial | undefined; id: string; onId: (id: string) => void }) {
  const { trial, id } = props;
  const got = useGet<Migration>(id === "" ? null : `/migrations/${id}`, {
    on: ["migration", "mailbox", "job"],
  });
  const doing = useDoing();
  const m = got.data;
  const over = m !== undefined && m.mailboxes > 0 && !under(m);
  const begin = () =>
    doing.run(async () => {
      if (!trial) return;
      const made = await post<{ id: number }>("/migrations", {
        name: "Trial on the lab",
        import: trial.rows,
        source: { url: trial.source },
        destination: { url: trial.destination },
      });
      await post(`/migrations/${made.id}/actions`, {
        action: "start",
        pass: "full",
        options: { verify: "full" },
      });
      props.onId(String(made.id));
    });
  return (
    <>
      <Step title="4. Move the mailboxes" done={over}>
        {doing.problem && <Fault problem={doing.problem} />}
        {got.problem && <Fault problem={got.problem} again={got.again} />}
        {id === "" ? (
          <Button kind="main" busy={doing.busy} disabled={!trial} onClick={() => void begin()}>
            Start the trial
          </Button>
        ) : (
          m && <Standing of={m} state="verified" />
        )}
      </Step>
      <Step title="5. The proof" done={m !== undefined && all(m, "verified")}>
        <p>
          Every item at the destination is read again and compared with the
          source. That is what a certificate is made of.
        </p>
        {over && (
          <p role="status">
            <strong>
              {all(m, "verified")
                ? "Everything is there."
                : "Not everything is there."}
            </strong>{" "}
            <A href={`/migrations/${m.id}`}>See the migration</A>. When you are
            done with the lab: <code>{STOP}</code>
          </p>
        )}
      </Step>
    </>
  );
}

/* ---- the page -------------------------------------------------------------- */

export function Start() {
  const who = useSession();
  const [trial, setTrial] = useState<Trial>();
  const [id, setId] = useQuery("migration");
  return (
    <Page
      title="Try it without an Exchange"
      hint="A trial run between two stand-in servers on this machine: nothing of yours is touched."
      narrow
    >
      <ol class="first-steps">
        <Step title="1. An operator" done>
          <p>You are signed in as {who.name}. More are made in the settings, or by the command</p>
          <pre tabIndex={0}>mailferry operator add NAME</pre>
        </Step>
        <Step title="2. Two lab Exchanges" done={trial !== undefined || id !== ""}>
          <p>On the machine of this service, in the folder where Mailferry was built:</p>
          <pre tabIndex={0}>{START}</pre>
          <p>
            The service connects to no private network unless it is told so, and the lab is on one.
            Put this into its configuration and start it again. It is for a trial alone: a service
            that partners reach must be without the second line.
          </p>
          <pre tabIndex={0}>{CONFIG}</pre>
        </Step>
        <Step title="3. The import file" done={trial !== undefined || id !== ""}>
          <p>
            From the folder <code>/tmp/trial</code> choose <code>env</code>, which says where the
            labs are, and <code>import-passwords.csv</code>, the mailboxes to move.
          </p>
          <Choose trial={trial} onTrial={setTrial} />
        </Step>
        <Run trial={trial} id={id} onId={setId} />
      </ol>
    </Page>
  );
}
