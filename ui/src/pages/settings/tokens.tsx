// API tokens of one's own: shown once, and what they may be used for.
import { useState } from "preact/hooks";

import { del, post, type List } from "../../api";
import {
  Button,
  Check,
  Confirm,
  Dialog,
  Empty,
  Form,
  Input,
  Section,
  Shown,
  Table,
  Time,
  toast,
  wrongIn,
} from "../../parts";
import type { Token } from "../../types/people";
import { useDoing, useGet } from "../../use";

/** Kinds of what a token may be used for, and whether there is writing. */
const scopes: readonly (readonly [string, string, boolean])[] = [
  ["migrations", "migrations, mailboxes and their reports", true],
  ["accounts", "accounts and contacts", true],
  ["requests", "requests, their mails and files", true],
  ["fleet", "workers and hosts", true],
  ["operators", "operators", true],
  ["audit", "the audit trail", false],
  ["settings", "the configuration and the prices", false],
  ["events", "what happens, as it happens", false],
  ["metrics", "numbers for Prometheus", false],
];

/** The one moment at which a secret can be copied. */
function Once(props: { token: string; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog title="Your new token" onClose={props.onClose}>
      <p>
        This is shown once. Put it where the program reads it now; if it is
        lost, revoke it and make another.
      </p>
      <pre class="secret">{props.token}</pre>
      <div class="actions">
        <Button
          kind="main"
          onClick={() =>
            navigator.clipboard.writeText(props.token).then(
              () => setCopied(true),
              () => toast("The browser does not let it be copied: select it."),
            )
          }
        >
          {copied ? "Copied" : "Copy it"}
        </Button>
        <Button onClick={props.onClose}>I have it</Button>
      </div>
    </Dialog>
  );
}

function MakeToken(props: {
  onMade: (token: string) => void;
  onClose: () => void;
}) {
  const [label, setLabel] = useState("");
  const [days, setDays] = useState("90");
  const [held, setHeld] = useState<string[]>([]);
  const doing = useDoing();
  const toggle = (scope: string) => (on: boolean) =>
    setHeld(on ? [...held, scope] : held.filter((s) => s !== scope));
  const wrong = wrongIn(doing.problem, "scopes");

  const send = () =>
    doing.run(async () => {
      const wish = { label, scopes: held, days: Number(days) };
      props.onMade((await post<{ token: string }>("/tokens", wish)).token);
    });
  return (
    <Dialog title="Make a token" onClose={props.onClose}>
      <Form
        send="Make the token"
        busy={doing.busy}
        problem={doing.problem}
        fields={["label", "scopes", "days"]}
        onSend={send}
        other={<Button onClick={props.onClose}>Cancel</Button>}
      >
        <Input
          label="What it is for"
          hint="So that you know it again: “billing script”."
          required
          maxLength={100}
          value={label}
          onValue={setLabel}
          wrong={wrongIn(doing.problem, "label", label)}
        />
        <fieldset class="rows">
          <legend>What it may</legend>
          <p class="hint">
            Never more than you may. It ends when your password or role changes.
          </p>
          {scopes.map(([kind, what, writes]) => (
            <div class="row scope" key={kind}>
              <span>{what}</span>
              <Check
                label="read"
                value={held.includes(`${kind}:read`)}
                onValue={toggle(`${kind}:read`)}
                name={`read ${what}`}
              />
              {writes ? (
                <Check
                  label="change"
                  value={held.includes(`${kind}:write`)}
                  onValue={toggle(`${kind}:write`)}
                  name={`change ${what}`}
                />
              ) : (
                <span class="check" />
              )}
            </div>
          ))}
          {wrong && <p class="wrong">{wrong}</p>}
        </fieldset>
        <Input
          label="Days until it ends"
          inputMode="numeric"
          value={days}
          onValue={setDays}
          hint="1 to 366."
          wrong={wrongIn(doing.problem, "days")}
        />
      </Form>
    </Dialog>
  );
}

function standing(t: Token, now: number): [string, string] {
  if (t.revoked) return ["quiet", "revoked"];
  if (t.expires && Date.parse(t.expires) < now) return ["quiet", "ended"];
  return ["good", "in use"];
}

export function Tokens() {
  const got = useGet<List<Token>>("/tokens", { query: { limit: 500 } });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string>();
  const [revoking, setRevoking] = useState<Token>();

  return (
    <Section
      title="Your tokens"
      hint="What programs sign in with, in your name, by the header Authorization."
      actions={
        <Button kind="main" onClick={() => setMaking(true)}>
          Make a token
        </Button>
      }
    >
      <Shown got={got} what="tokens">
        {(list) => (
          <Table
            caption="tokens"
            rows={list.items}
            rowKey={(t) => t.id}
            sort="-created"
            param="tokens"
            empty={
              <Empty
                title="No tokens yet"
                hint="Make one for each program, with no more than it needs."
              />
            }
            columns={[
              {
                name: "label",
                title: "For",
                by: (t) => t.label,
                cell: (t) => t.label,
              },
              {
                name: "scopes",
                title: "May",
                cell: (t) => t.scopes.join(", "),
              },
              {
                name: "state",
                title: "State",
                by: (t) => standing(t, Date.now())[1],
                cell: (t) => {
                  const [tone, word] = standing(t, Date.now());
                  return <span class={`badge ${tone}`}>{word}</span>;
                },
              },
              {
                name: "created",
                title: "Made",
                by: (t) => t.created,
                cell: (t) => <Time at={t.created} short />,
              },
              {
                name: "expires",
                title: "Ends",
                by: (t) => t.expires,
                cell: (t) => <Time at={t.expires} short />,
              },
              {
                name: "deeds",
                title: "What can be done",
                cell: (t) =>
                  standing(t, Date.now())[1] === "in use" && (
                    <Button
                      kind="danger"
                      aria-label={`Revoke ${t.label}`}
                      onClick={() => setRevoking(t)}
                    >
                      Revoke
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Shown>
      {making && (
        <MakeToken
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            got.again();
          }}
        />
      )}
      {made !== undefined && (
        <Once token={made} onClose={() => setMade(undefined)} />
      )}
      {revoking && (
        <Confirm
          danger
          title={`Revoke “${revoking.label}”?`}
          does="Programs that use it are refused from now on. It cannot be taken back; another can be made."
          confirm="Revoke the token"
          onYes={async () => {
            await del(`/tokens/${revoking.id}`);
            got.again();
            toast(`“${revoking.label}” is revoked.`);
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </Section>
  );
}
