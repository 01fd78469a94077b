// What an admin does to another operator: each asked once more, with all that
// it will do.
import { useState } from "preact/hooks";

import { once, patch, post } from "../../api";
import {
  Button,
  Decide,
  Dialog,
  Fault,
  Form,
  Input,
  Select,
  toast,
  wrongIn,
  type Decision,
} from "../../parts";
import type { Operator } from "../../types/people";
import { useDoing, useGet } from "../../use";

export type Asked =
  | { deed: "add" }
  | { deed: "password" | Decided; operator: Operator };

/** What is decided with a yes. */
type Decided = "role" | "disable" | "enable" | "authenticator";

export function AddOperator(props: { onDone: () => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("operator");
  const [password, setPassword] = useState("");
  const [key] = useState(once);
  const doing = useDoing();
  return (
    <Dialog title="Add an operator" onClose={props.onClose}>
      <Form
        send="Add the operator"
        busy={doing.busy}
        problem={doing.problem}
        fields={["name", "role", "password"]}
        onSend={async () => {
          const wish = { name, role, password };
          if (await doing.run(() => post("/operators", wish, { once: key })))
            props.onDone();
        }}
        other={<Button onClick={props.onClose}>Cancel</Button>}
      >
        <Input
          label="Email address"
          type="email"
          required
          value={name}
          onValue={setName}
          wrong={wrongIn(doing.problem, "name", name)}
        />
        <Select
          label="Role"
          value={role}
          onValue={setRole}
          options={[
            ["operator", "Operator: runs migrations for all accounts"],
            ["admin", "Admin: manages operators too"],
          ]}
          wrong={wrongIn(doing.problem, "role")}
        />
        <Input
          label="First password"
          hint="12 characters at least. They change it, and set up an authenticator, under Settings, You."
          type="password"
          autoComplete="new-password"
          required
          value={password}
          onValue={setPassword}
          wrong={wrongIn(doing.problem, "password", password)}
        />
      </Form>
    </Dialog>
  );
}

function NewPassword(props: AboutProps) {
  const [password, setPassword] = useState("");
  const doing = useDoing();
  const path = `/operators/${props.operator.id}`;
  return (
    <Dialog
      title={`Another password for ${props.operator.name}`}
      onClose={props.onClose}
    >
      <Form
        kind="danger"
        send="Set the password"
        busy={doing.busy}
        problem={doing.problem}
        fields={["password"]}
        onSend={async () => {
          if (await doing.run(() => patch(path, { password }, { version: props.version }))) props.onDone();
        }}
        other={<Button onClick={props.onClose}>Cancel</Button>}
      >
        <p>
          The old one no longer works, and all their sessions and tokens end.
          Their authenticator stays; where that is lost, it is removed on its
          own.
        </p>
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
      </Form>
    </Dialog>
  );
}

function decision(operator: Operator, deed: Decided): Decision {
  const { name } = operator;
  if (deed === "role") {
    const admin = operator.role !== "admin";
    return {
      title: `Make ${name} ${admin ? "an admin" : "an operator"}?`,
      does: admin
        ? "They may then add, change and disable operators, you among them. Their sessions and tokens end; they sign in anew."
        : "They may then no longer manage operators. Their sessions and tokens end; they sign in anew.",
      danger: true,
      confirm: admin ? "Make them an admin" : "Make them an operator",
      wish: { role: admin ? "admin" : "operator" },
      said: `${name} is ${admin ? "admin" : "operator"} now.`,
      undo: { role: operator.role },
    };
  }
  if (deed === "authenticator") {
    return {
      title: `Remove the authenticator of ${name}?`,
      does: "They then sign in by their password alone, and so does anybody who knows it: be sure that it is they who ask, and have them set up another one at once. All their sessions and tokens end. It stands on the trail with your name, and cannot be taken back.",
      danger: true,
      confirm: "Remove the authenticator",
      wish: { authenticator: false },
      said: `${name} signs in without an authenticator.`,
    };
  }
  if (deed === "enable") {
    return {
      title: `Enable ${name}?`,
      does: `They can sign in again, as ${operator.role}, with the password that they had.`,
      confirm: "Enable the operator",
      wish: { disabled: false },
      said: `${name} can sign in again.`,
      undo: { disabled: true },
    };
  }
  return {
    title: `Disable ${name}?`,
    does: "They can no longer sign in, and all their sessions and tokens end: programs that use them stop working. What they did stays in the trail.",
    danger: true,
    confirm: "Disable the operator",
    wish: { disabled: true },
    said: `${name} is disabled.`,
    undo: { disabled: false },
  };
}

interface AboutProps {
  operator: Operator;
  version: string | undefined;
  onDone: () => void;
  onClose: () => void;
}

/** Read anew when it is asked: a change names the version that was seen. */
export function About(props: {
  asked: Exclude<Asked, { deed: "add" }>;
  onDone: () => void;
  onClose: () => void;
}) {
  const { deed, operator } = props.asked;
  const got = useGet<Operator>(`/operators/${operator.id}`);
  if (got.problem) {
    return (
      <Dialog title={operator.name} onClose={props.onClose}>
        <Fault problem={got.problem} again={got.again} />
      </Dialog>
    );
  }
  if (got.data === undefined) return null;
  const known = {
    operator: got.data,
    version: got.version,
    onDone: props.onDone,
    onClose: props.onClose,
  };
  if (deed !== "password") {
    return (
      <Decide
        {...known}
        path={`/operators/${operator.id}`}
        decision={decision(got.data, deed)}
      />
    );
  }
  return (
    <NewPassword
      {...known}
      onDone={() => {
        props.onDone();
        toast(`${operator.name} has another password.`);
      }}
    />
  );
}
