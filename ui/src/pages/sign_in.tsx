// Operators sign in by name and password, contacts by a link to their address.
import { useState } from "preact/hooks";

import { post, type Problem } from "../api";
import { Form, Input, Tabs, wrongIn } from "../parts";
import { isStaff, useDoing, type Session } from "../use";
import { AskLink } from "./portal/ask_link";

/** What nobody can mend by typing again is told with what would. */
function Refusal(props: { problem: Problem }) {
  const { slug, message, status } = props.problem;
  return (
    <div class="fault" role="alert">
      <p>{slug === "sign-in" ? "That was not right." : message}</p>
      <p class="hint">
        {slug === "sign-in"
          ? "Name, password or code: which of them is not told to anybody. A code is good once, so wait for the next. An admin gives another password to whoever has lost it, and removes an authenticator that is lost."
          : status === 429
            ? "This protects every account from guessing. Your name and this network are held back alone; nothing is locked."
            : props.problem.remedy}
      </p>
    </div>
  );
}

function Operator(props: { onSignedIn: () => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const doing = useDoing();

  return (
    <Form
      send="Sign in"
      busy={doing.busy}
      onSend={async () => {
        const said = { name, password, ...(code === "" ? {} : { code }) };
        if (await doing.run(() => post("/session", said))) props.onSignedIn();
      }}
    >
      <Input
        label="Email address"
        autoComplete="username"
        autoCapitalize="none"
        inputMode="email"
        spellcheck={false}
        required
        value={name}
        onValue={setName}
        wrong={wrongIn(doing.problem, "name", name)}
      />
      <Input
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onValue={setPassword}
        wrong={wrongIn(doing.problem, "password", password)}
      />
      <Input
        label="Code of the authenticator"
        hint="Six digits; leave it empty if you have not set one up."
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={7}
        value={code}
        onValue={(to) => setCode(to.replace(/\s/g, ""))}
        wrong={wrongIn(doing.problem, "code")}
      />
      {doing.problem && !doing.problem.field && (
        <Refusal problem={doing.problem} />
      )}
    </Form>
  );
}

/** `ended`: whose session is over that was here until now. */
export function SignIn(props: {
  onSignedIn: () => void;
  ended: Session | undefined;
}) {
  const { ended } = props;
  const partner = {
    name: "partner",
    title: "Partner",
    body: () => <AskLink />,
  };
  const operator = {
    name: "operator",
    title: "Operator",
    body: () => <Operator onSignedIn={props.onSignedIn} />,
  };

  document.title = "Sign in · Mailferry";
  return (
    <main id="main" class="alone">
      <h1>Sign in</h1>
      {ended && (
        <p class="told" role="status">
          Your session has ended. Sign in again, and you are back where you
          were.
        </p>
      )}
      <Tabs
        param="as"
        tabs={ended && isStaff(ended) ? [operator, partner] : [partner, operator]}
      />
    </main>
  );
}
