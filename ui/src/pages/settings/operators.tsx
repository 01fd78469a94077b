// Who runs the service.  Operators see who does; admins change it.
import { useState } from "preact/hooks";

import { once, patch, post, type List } from "../../api";
import {
  Button,
  Confirm,
  Dialog,
  Fault,
  Form,
  Input,
  Section,
  Select,
  Shown,
  StateBadge,
  Table,
  Time,
  toast,
  wrongIn,
} from "../../parts";
import type { Operator } from "../../types/people";
import { useDoing, useGet, useSession } from "../../use";

type Asked =
  | { deed: "add" }
  | { deed: "password" | Decision; operator: Operator };

/** What is decided with a yes. */
type Decision = "role" | "disable" | "authenticator";

function AddOperator(props: { onDone: () => void; onClose: () => void }) {
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

interface Question {
  title: string;
  does: string;
  confirm: string;
  wish: object;
  said: string;
  /** What takes it back; without it, it cannot be. */
  undo?: object;
}

function question(operator: Operator, deed: Decision): Question {
  const { name } = operator;
  if (deed === "role") {
    const admin = operator.role !== "admin";
    return {
      title: `Make ${name} ${admin ? "an admin" : "an operator"}?`,
      does: admin
        ? "They may then add, change and disable operators, you among them. Their sessions and tokens end; they sign in anew."
        : "They may then no longer manage operators. Their sessions and tokens end; they sign in anew.",
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
      confirm: "Remove the authenticator",
      wish: { authenticator: false },
      said: `${name} signs in without an authenticator.`,
    };
  }
  return {
    title: `Disable ${name}?`,
    does: "They can no longer sign in, and all their sessions and tokens end: programs that use them stop working. What they did stays in the trail.",
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

function Decide(props: AboutProps & { deed: Decision }) {
  const path = `/operators/${props.operator.id}`;
  const { wish, said, undo, ...words } = question(props.operator, props.deed);
  return (
    <Confirm
      danger
      {...words}
      onYes={async () => {
        await patch(path, wish, { version: props.version });
        props.onDone();
        toast(said, undo && (() => patch(path, undo).then(props.onDone)));
      }}
      onClose={props.onClose}
    />
  );
}

/** Read anew when it is asked: a change names the version that was seen. */
function About(props: {
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
  if (deed !== "password") return <Decide {...known} deed={deed} />;
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

function Deeds(props: {
  operator: Operator;
  onAsk: (to: Asked) => void;
  onDone: () => void;
}) {
  const { operator, onAsk, onDone } = props;
  const other = operator.role === "admin" ? "operator" : "admin";
  return (
    <div class="actions">
      <Button
        aria-label={`Make ${other}: ${operator.name}`}
        onClick={() => onAsk({ deed: "role", operator })}
      >
        Make {other}
      </Button>
      <Button
        aria-label={`Password of ${operator.name}`}
        onClick={() => onAsk({ deed: "password", operator })}
      >
        Password
      </Button>
      {operator.authenticator && (
        <Button
          kind="danger"
          aria-label={`Remove the authenticator of ${operator.name}`}
          onClick={() => onAsk({ deed: "authenticator", operator })}
        >
          Authenticator
        </Button>
      )}
      {operator.disabled ? (
        <Button
          aria-label={`Enable ${operator.name}`}
          onClick={() =>
            patch(`/operators/${operator.id}`, { disabled: false }).then(
              () => {
                onDone();
                toast(`${operator.name} can sign in again.`);
              },
              (cause: unknown) => toast(String(cause)),
            )
          }
        >
          Enable
        </Button>
      ) : (
        <Button
          kind="danger"
          aria-label={`Disable ${operator.name}`}
          onClick={() => onAsk({ deed: "disable", operator })}
        >
          Disable
        </Button>
      )}
    </div>
  );
}

export function Operators() {
  const me = useSession();
  const got = useGet<List<Operator>>("/operators", {
    query: { limit: 500 },
    on: ["audit"],
  });
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const done = () => {
    close();
    got.again();
  };
  const admin = me.role === "admin";

  return (
    <Section
      title="Operators"
      hint={
        admin
          ? "Your own password and authenticator are under You; your role is changed by another admin."
          : "Admins add and change operators."
      }
      actions={
        admin && (
          <Button kind="main" onClick={() => setAsked({ deed: "add" })}>
            Add an operator
          </Button>
        )
      }
    >
      <Shown got={got} what="operators">
        {(list) => (
          <Table
            caption="operators"
            rows={list.items}
            rowKey={(o) => o.id}
            sort="name"
            param="operators"
            columns={[
              {
                name: "name",
                title: "Address",
                by: (o) => o.name,
                cell: (o) => (
                  <>
                    {o.name}
                    {o.name === me.name && <span class="hint"> (you)</span>}
                    {o.disabled && (
                      <>
                        {" "}
                        <StateBadge state="disabled" />
                      </>
                    )}
                  </>
                ),
              },
              {
                name: "role",
                title: "Role",
                by: (o) => o.role,
                cell: (o) => o.role,
              },
              {
                name: "authenticator",
                title: "Authenticator",
                by: (o) => (o.authenticator ? "yes" : "no"),
                cell: (o) =>
                  o.authenticator ? (
                    "in use"
                  ) : (
                    <span class="badge warn">none</span>
                  ),
              },
              {
                name: "created",
                title: "Added",
                by: (o) => o.created,
                cell: (o) => <Time at={o.created} short />,
              },
              ...(admin
                ? [
                    {
                      name: "deeds",
                      title: "What can be done",
                      cell: (o: Operator) =>
                        o.name === me.name ? null : (
                          <Deeds operator={o} onAsk={setAsked} onDone={done} />
                        ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Shown>
      {asked?.deed === "add" && <AddOperator onClose={close} onDone={done} />}
      {asked && asked.deed !== "add" && (
        <About asked={asked} onClose={close} onDone={done} />
      )}
    </Section>
  );
}
