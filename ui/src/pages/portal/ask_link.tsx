// Contacts have no password: a link to sign in goes to their address.
import { useState } from "preact/hooks";

import { post } from "../../api";
import { Button, Form, Input, wrongIn } from "../../parts";
import { useDoing } from "../../use";

export function AskLink() {
  const [address, setAddress] = useState("");
  const [sent, setSent] = useState<string>();
  const doing = useDoing();
  if (sent !== undefined) {
    return (
      <div role="status">
        <p>
          If {sent} is on file, a mail with a link is on its way. The link works
          once, for an hour.
        </p>
        <p class="hint">
          Nothing came? Look among unwanted mail; or ask the billing team which
          address is on file for your account.
        </p>
        <div class="actions">
          <Button onClick={() => setSent(undefined)}>
            Another address, or once more
          </Button>
        </div>
      </div>
    );
  }
  return (
    <Form
      send="Send me a link"
      busy={doing.busy}
      problem={doing.problem}
      fields={["address"]}
      onSend={async () => {
        if (await doing.run(() => post("/links", { address }))) setSent(address);
      }}
    >
      <Input
        label="Your mail address"
        hint="As it is on file for your account."
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellcheck={false}
        required
        value={address}
        onValue={setAddress}
        wrong={wrongIn(doing.problem, "address")}
      />
    </Form>
  );
}
