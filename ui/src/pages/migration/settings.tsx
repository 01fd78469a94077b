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
  Moved,
  Section,
  Time,
  toast,
  wrongIn,
} from "../../parts";
import { go } from "../../route";
import type { Migration, Side } from "../../types/migrations";
import { useDraft } from "../../draft";
import { isStaff, useDoing, useSession } from "../../use";
import { Options, draftOf, fieldsOf, optionsOf, type Draft as OptionsDraft } from "./options";

interface Props {
  migration: Migration;
  version: string | undefined;
  again: () => void;
}

/** All of it as it is typed. */
interface Told {
  name: string;
  most: string;
  hours: string;
  options: OptionsDraft;
}

const toldOf = (m: Migration): Told => ({
  name: m.name,
  most: m.most === 0 ? "" : String(m.most),
  hours: m.hours ?? "",
  options: draftOf(m.options),
});

function Limits({ migration, version, again }: Props) {
  const draft = useDraft(toldOf(migration), version);
  const { name, most, hours, options } = draft.value;
  const set = (some: Partial<Told>) => draft.set({ ...draft.value, ...some });
  const doing = useDoing();
  const send = async () => {
    const wish = {
      name,
      most: most === "" ? null : Number(most),
      hours: hours === "" ? null : hours,
      options: optionsOf(options, migration.options),
    };
    const good = await doing.run(() =>
      patch(`/migrations/${migration.id}`, wish, { version: draft.version }),
    );
    if (good) {
      draft.sent();
      toast("Changed. What runs hears of it within a minute.");
    }
    // where somebody was faster, too: what they did is then shown
    again();
  };

  return (
    <Form
      send="Change it"
      busy={doing.busy}
      problem={draft.moved ? undefined : doing.problem}
      fields={["name", "most", "hours", ...fieldsOf(doing.problem)]}
      onSend={() => void send()}
    >
      <Moved draft={draft} />
      <div class="options-in">
        <Input
          label="Name"
          value={name}
          onValue={(to) => set({ name: to })}
          wrong={wrongIn(doing.problem, "name")}
        />
        <Input
          label="Mailboxes at once"
          hint="Empty: as many as workers and hosts allow."
          type="number"
          min={1}
          value={most}
          onValue={(to) => set({ most: to })}
          wrong={wrongIn(doing.problem, "most")}
        />
        <Input
          label="Only at these times"
          hint="As in “Mon-Fri 20:00-06:00 Europe/Berlin”. Empty: at any time."
          value={hours}
          onValue={(to) => set({ hours: to })}
          wrong={wrongIn(doing.problem, "hours")}
        />
      </div>
      <Options
        draft={options}
        problem={doing.problem}
        onDraft={(to) => set({ options: to })}
      />
    </Form>
  );
}

function Credentials(props: Props & { name: "source" | "destination" }) {
  const { migration, name, version, again } = props;
  const side: Side = migration[name];
  const draft = useDraft({ user: side.user ?? "", password: "" }, version);
  const { user, password } = draft.value;
  const doing = useDoing();
  const send = async () => {
    const wish = user === "" ? { user: null, password: null } : { user, password };
    const good = await doing.run(() =>
      patch(`/migrations/${migration.id}`, { [name]: wish }, { version: draft.version }),
    );
    if (good) {
      draft.leave();
      toast("Changed: the new credentials are sealed on record.");
    }
    again();
  };
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
        problem={draft.moved ? undefined : doing.problem}
        onSend={() => void send()}
      >
        <Moved draft={draft} />
        <Input
          label={`User of the ${name}`}
          value={user}
          autoComplete="off"
          onValue={(to) => draft.set({ user: to, password })}
        />
        <Input
          label={`New password of the ${name}`}
          hint="No page shows the one that is on record."
          type="password"
          autoComplete="new-password"
          value={password}
          onValue={(to) => draft.set({ user, password: to })}
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
        <Limits {...props} />
      </Section>
      <div class="two">
        <Credentials {...props} name="source" />
        <Credentials {...props} name="destination" />
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
