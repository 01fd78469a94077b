// One's own password and authenticator.
import { useState } from "preact/hooks";

import { post, type List } from "../../api";
import { Button, Form, Input, Section, Shown, toast, wrongIn } from "../../parts";
import type { Operator } from "../../types/people";
import { useDoing, useGet, useSession } from "../../use";

interface Offer {
  secret: string;
  uri: string;
  picture: string[] | null;
  offer: string;
  expires: string;
}

/** Modules around a QR code that stay light (ISO/IEC 18004, 6.3.8). */
const QUIET = 4;

/** Dark on light whatever the page's colours are: telephones want it so. */
function Picture(props: { rows: readonly string[] }) {
  const size = props.rows.length + 2 * QUIET;
  const path = props.rows
    .flatMap((row, y) =>
      [...row].map((cell, x) =>
        cell === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "",
      ),
    )
    .join("");
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code with the secret, for the authenticator’s camera"
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function Password() {
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const doing = useDoing();
  const [differ, setDiffer] = useState(false);

  return (
    <Section title="Your password">
      <Form
        send="Change the password"
        busy={doing.busy}
        problem={doing.problem}
        fields={["old", "password"]}
        onSend={async () => {
          setDiffer(password !== again);
          if (password !== again) return;
          const deed = () => post("/session/password", { old, password });
          if (!(await doing.run(deed))) return;
          for (const empty of [setOld, setPassword, setAgain]) empty("");
          toast("Your password was changed.");
        }}
      >
        <p class="hint">
          Your other sessions and all your tokens end with the change; this
          session goes on.
        </p>
        <Input
          label="Old password"
          type="password"
          autoComplete="current-password"
          required
          value={old}
          onValue={setOld}
          wrong={wrongIn(doing.problem, "old", old)}
        />
        <Input
          label="New password"
          hint="12 characters at least."
          type="password"
          autoComplete="new-password"
          required
          value={password}
          onValue={setPassword}
          wrong={wrongIn(doing.problem, "password", password)}
        />
        <Input
          label="New password again"
          type="password"
          autoComplete="new-password"
          required
          value={again}
          onValue={setAgain}
          wrong={differ ? "this is another one" : undefined}
        />
      </Form>
    </Section>
  );
}

function Take(props: { offer: Offer; onDone: () => void; onCancel: () => void }) {
  const { offer } = props;
  const [code, setCode] = useState("");
  const doing = useDoing();
  return (
    <Form
      send="Use it from now on"
      busy={doing.busy}
      problem={doing.problem}
      fields={["code"]}
      onSend={async () => {
        const said = { offer: offer.offer, code };
        const deed = () => post("/session/authenticator/use", said);
        if (await doing.run(deed)) props.onDone();
      }}
      other={<Button onClick={props.onCancel}>Leave it as it was</Button>}
    >
      <p>
        Read this with your authenticator, or type the secret into it. Nothing
        has changed yet: it is in use once you have typed a code of it.
      </p>
      <div class="enrol">
        {offer.picture && <Picture rows={offer.picture} />}
        <div>
          <p class="hint">Secret</p>
          <code class="secret">
            {offer.secret.match(/.{1,4}/g)?.join(" ")}
          </code>
        </div>
      </div>
      <Input
        label="Code that it shows now"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        maxLength={7}
        value={code}
        onValue={(to) => setCode(to.replace(/\s/g, ""))}
        wrong={wrongIn(doing.problem, "code", code)}
      />
    </Form>
  );
}

function Ask(props: { has: boolean; onOffer: (to: Offer) => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const doing = useDoing();
  return (
    <Form
      send={props.has ? "Replace the authenticator" : "Set one up"}
      busy={doing.busy}
      problem={doing.problem}
      fields={["password", "code"]}
      onSend={() =>
        doing.run(async () => {
          const said = { password, ...(props.has ? { code } : {}) };
          props.onOffer(await post<Offer>("/session/authenticator", said));
        })
      }
    >
      <p>
        {props.has
          ? "You sign in with a code of your authenticator. For a new telephone, replace it while you still have the old one."
          : "Whoever learns your password signs in as you. With an authenticator they need your telephone, too."}
      </p>
      <Input
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onValue={setPassword}
        wrong={wrongIn(doing.problem, "password", password)}
      />
      {props.has && (
        <Input
          label="Code of the authenticator in use"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          maxLength={7}
          value={code}
          onValue={(to) => setCode(to.replace(/\s/g, ""))}
          wrong={wrongIn(doing.problem, "code", code)}
        />
      )}
    </Form>
  );
}

function Authenticator() {
  const me = useSession();
  const got = useGet<List<Operator>>("/operators", { query: { limit: 500 } });
  const [offer, setOffer] = useState<Offer>();
  return (
    <Section title="Your authenticator">
      <Shown got={got} what="whether you have one">
        {(list) =>
          offer ? (
            <Take
              offer={offer}
              onCancel={() => setOffer(undefined)}
              onDone={() => {
                setOffer(undefined);
                got.again();
                toast("You sign in with this authenticator from now on.");
              }}
            />
          ) : (
            <Ask
              has={
                list.items.find((o) => o.name === me.name)?.authenticator ??
                false
              }
              onOffer={setOffer}
            />
          )
        }
      </Shown>
    </Section>
  );
}

export function Own() {
  const me = useSession();
  return (
    <div class="own">
      <p class="hint">
        Signed in as {me.name}, {me.role}. Another admin replaces a lost
        password, and removes the authenticator of a lost telephone; where there
        is none, the machine itself does:{" "}
        <code>mailferry operator change {me.name} --totp</code>.
      </p>
      <Password />
      <Authenticator />
    </div>
  );
}
