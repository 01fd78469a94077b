// What a migration is told to do, and with whose credentials: all of it can be
// changed at any time; what runs hears of it with its next renewal.
import { useState } from "preact/hooks";

import { del, patch, post } from "../../api";
import {
  Button,
  Confirm,
  Facts,
  Form,
  Input,
  Section,
  Select,
  Time,
  toast,
  wrongIn,
} from "../../parts";
import { go } from "../../route";
import type { Migration, Side } from "../../types/migrations";
import { isStaff, useDoing, useSession } from "../../use";

const VERIFY = [
  ["", "as usual: a sample of what the pass copied"],
  ["nothing", "nothing"],
  ["new", "new: a sample of what the pass copied"],
  ["counts", "counts of the whole mailbox"],
  ["sample", "a sample of the whole mailbox"],
  ["full", "full: every item of the whole mailbox"],
] as const;

interface Props {
  migration: Migration;
  version: string | undefined;
  again: () => void;
}

const optionText = (value: unknown) =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

function Limits({ migration, version, again }: Props) {
  const [name, setName] = useState(migration.name);
  const [most, setMost] = useState(migration.most === 0 ? "" : String(migration.most));
  const [hours, setHours] = useState(migration.hours ?? "");
  const [verify, setVerify] = useState(optionText(migration.options["verify"]));
  const [lanes, setLanes] = useState(optionText(migration.options["lanes"]));
  const [since, setSince] = useState(optionText(migration.options["since"]));
  const doing = useDoing();

  function options(): Record<string, unknown> {
    const { verify: _v, lanes: _l, since: _s, ...rest } = migration.options;
    return {
      ...rest,
      ...(verify && { verify }),
      ...(lanes && { lanes: Number(lanes) }),
      ...(since && { since }),
    };
  }

  return (
    <Form
      send="Change it"
      busy={doing.busy}
      problem={doing.problem}
      fields={["name", "most", "hours"]}
      onSend={() =>
        void doing
          .run(() =>
            patch(
              `/migrations/${migration.id}`,
              {
                name,
                most: most === "" ? null : Number(most),
                hours: hours === "" ? null : hours,
                options: options(),
              },
              { version },
            ),
          )
          .then((good) => {
            if (!good) return;
            toast("Changed. What runs hears of it within a minute.");
            again();
          })
      }
    >
      <Input label="Name" value={name} onValue={setName} wrong={wrongIn(doing.problem, "name")} />
      <Input
        label="Mailboxes at once"
        hint="Empty: as many as workers and hosts allow."
        type="number"
        min={1}
        value={most}
        onValue={setMost}
        wrong={wrongIn(doing.problem, "most")}
      />
      <Input
        label="Only at these times"
        hint="As in “Mon-Fri 20:00-06:00 Europe/Berlin”. Empty: at any time."
        value={hours}
        onValue={setHours}
        wrong={wrongIn(doing.problem, "hours")}
      />
      <Select label="Verify after copying" value={verify} onValue={setVerify} options={VERIFY} />
      <Input
        label="Lanes in a mailbox"
        hint="Batches under way at once, 1 to 64; the governor goes lower by itself. Empty: 8."
        type="number"
        min={1}
        max={64}
        value={lanes}
        onValue={setLanes}
      />
      <Input
        label="Only items since"
        hint="Received on this day or later. Empty: all."
        type="date"
        value={since}
        onValue={setSince}
      />
    </Form>
  );
}

function Credentials(props: Props & { name: "source" | "destination" }) {
  const { migration, name, version, again } = props;
  const side: Side = migration[name];
  const [user, setUser] = useState(side.user ?? "");
  const [password, setPassword] = useState("");
  const doing = useDoing();
  return (
    <Section title={name === "source" ? "Source" : "Destination"}>
      <Facts
        facts={[
          ["Address", side.url ?? "none"],
          ["Administrative user", side.user ?? "none"],
          side.accounts.length > 0 && ["More of them", side.accounts.join(", ")],
          side.oauth !== null && ["Application", side.oauth.client],
          side.proxy !== null && ["Proxy", side.proxy.url],
        ]}
      />
      <Form
        send="Change the credentials"
        busy={doing.busy}
        problem={doing.problem}
        onSend={() =>
          void doing
            .run(() =>
              patch(
                `/migrations/${migration.id}`,
                { [name]: user === "" ? { user: null, password: null } : { user, password } },
                { version },
              ),
            )
            .then((good) => {
              if (!good) return;
              setPassword("");
              toast("Changed: the new credentials are sealed on record.");
              again();
            })
        }
      >
        <Input label={`User of the ${name}`} value={user} autoComplete="off" onValue={setUser} />
        <Input
          label={`New password of the ${name}`}
          hint="No page shows the one that is on record."
          type="password"
          autoComplete="new-password"
          value={password}
          onValue={setPassword}
        />
      </Form>
    </Section>
  );
}

export function Settings(props: Props) {
  const who = useSession();
  const { migration } = props;
  const [asked, ask] = useState<"purge" | "remove" | undefined>(undefined);
  if (!isStaff(who)) {
    return (
      <Facts
        facts={[
          ["From", migration.source.url],
          ["To", migration.destination.url],
          ["Made", <Time at={migration.created} />],
        ]}
      />
    );
  }
  return (
    <div class="boxes">
      <Section title="What it is told">
        <Limits key={`limits-${props.version}`} {...props} />
      </Section>
      <div class="two">
        <Credentials key={`source-${props.version}`} {...props} name="source" />
        <Credentials key={`destination-${props.version}`} {...props} name="destination" />
      </div>
      <Section title="Put an end to it">
        <div class="actions">
          <Button kind="danger" onClick={() => ask("purge")}>
            Destroy its credentials…
          </Button>
          <Button kind="danger" onClick={() => ask("remove")}>
            Remove the migration…
          </Button>
        </div>
      </Section>
      {asked === "purge" && (
        <Confirm
          title="Destroy the credentials?"
          danger
          confirm="Destroy them"
          does="All passwords of this migration and of its mailboxes are erased. It can be carried on with new ones."
          onYes={() => post(`/migrations/${migration.id}/actions`, { action: "purge" }).then(props.again)}
          onClose={() => ask(undefined)}
        />
      )}
      {asked === "remove" && (
        <Confirm
          title={`Remove ${migration.name}?`}
          danger
          confirm="Remove it for good"
          does="Its ledger and its credentials go: what was copied is no longer known, and it can never be carried on. What is at the destination stays there. It is refused while a pass runs."
          onYes={async () => {
            await del(`/migrations/${migration.id}`, { version: props.version });
            go("/migrations");
          }}
          onClose={() => ask(undefined)}
        />
      )}
    </div>
  );
}
