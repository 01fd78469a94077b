// Who may read the mailboxes: tried at once, sealed, and never shown again.
import { useState } from "preact/hooks";

import { post } from "../../api";
import type { ImportFile, Tried } from "../../types/portal";
import { useDoing, useGet } from "../../use";
import { SignInFinding } from "../request/sign_in";
import { Button, Form, Input, StepHead } from "./step";
import type { StepProps } from "./wizard";

function NotNeeded(props: { next: () => void }) {
  return (
    <>
      <StepHead title="No credentials are needed" />
      <p>Every row of the import file has its mailbox's own password.</p>
      <Form send="Next" busy={false} onSend={props.next}>
        {null}
      </Form>
    </>
  );
}

export function CredentialsStep({ request: r, got, next }: StepProps) {
  const file = useGet<ImportFile>(r.file === null ? null : `/requests/${r.id}/import`);
  const [user, setUser] = useState(r.admin ?? "");
  const [password, setPassword] = useState("");
  const [done, setDone] = useState<Tried>();
  const doing = useDoing();
  if (file.data && !file.data.needsAdmin && file.data.mailboxes > 0) {
    return <NotNeeded next={next} />;
  }
  const send = async () => {
    setDone(undefined);
    await doing.run(async () => {
      setDone(
        await post<Tried>(`/requests/${r.id}/credentials`, { user, password }),
      );
      setPassword("");
      got.again();
    });
  };
  const there = r.hasPassword && password === "";
  return (
    <>
      <StepHead
        title="An account that may open the mailboxes"
        hint="An administrative account of the current Exchange, with the right to impersonate or full access. It is tried as soon as you send it."
      />
      <Form
        send={there ? "Next" : "Try them"}
        busy={doing.busy}
        problem={doing.problem}
        fields={["user", "password"]}
        onSend={() => (there || password === "" ? next() : void send())}
        other={
          !there &&
          r.hasPassword && <Button onClick={next}>Keep those that we have</Button>
        }
      >
        <Input
          label="User name"
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          placeholder="admin@example.com or DOMAIN\admin"
          maxLength={254}
          value={user}
          onValue={setUser}
        />
        <Input
          label="Password"
          type="password"
          hint={
            r.hasPassword
              ? "One is there. Type another to replace it."
              : "Sealed as it arrives, used for this migration alone, destroyed when it is over. Never send it by mail."
          }
          autoComplete="off"
          maxLength={256}
          value={password}
          onValue={setPassword}
        />
        <div class={`finding ${done ? (done.tried ? "good" : "warn") : ""}`} role="status">
          {!doing.busy && !done && r.signIn !== null && (
            <SignInFinding finding={r.signIn} />
          )}
          {doing.busy && <p>Signing in at the current Exchange …</p>}
          {done?.tried && (
            <p>
              <strong>They work:</strong> the first mailbox of the file could be
              opened.
            </p>
          )}
          {done && !done.tried && (
            <p>
              They are kept, and could not be tried now: {done.detail} We try
              them again.
            </p>
          )}
        </div>
      </Form>
    </>
  );
}
