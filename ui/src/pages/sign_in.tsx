// Operators sign in by name and password, contacts by a link to their address.
import { useState } from "preact/hooks";

import { post } from "../api";
import { Form, Input, Tabs, wrongIn } from "../parts";
import { useDoing } from "../use";
import { AskLink } from "./portal/ask_link";

export function SignIn(props: { onSignedIn: () => void }) {
  document.title = "Sign in · Mailferry";
  return (
    <main id="main" class="alone">
      <h1>Sign in</h1>
      <Tabs
        param="as"
        tabs={[
          { name: "partner", title: "Partner", body: () => <AskLink /> },
          {
            name: "operator",
            title: "Operator",
            body: () => <Operator onSignedIn={props.onSignedIn} />,
          },
        ]}
      />
    </main>
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
      problem={doing.problem}
      fields={["name", "password", "code"]}
      onSend={async () => {
        const said = { name, password, ...(code === "" ? {} : { code }) };
        if (await doing.run(() => post("/session", said))) props.onSignedIn();
      }}
    >
      <Input
        label="Name"
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        required
        value={name}
        onValue={setName}
        wrong={wrongIn(doing.problem, "name")}
      />
      <Input
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onValue={setPassword}
        wrong={wrongIn(doing.problem, "password")}
      />
      <Input
        label="Code of the authenticator"
        hint="Only if you have set one up."
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        value={code}
        onValue={setCode}
        wrong={wrongIn(doing.problem, "code")}
      />
    </Form>
  );
}
