// Who runs the service.  Operators see who does; admins change it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { once, patch, post, type List } from "../../api";
import {
  Button,
  Confirm,
  Dialog,
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
  | { deed: "password"; operator: Operator }
  | { deed: "role" | "disable"; operator: Operator };

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

interface SeenOperator {
  operator: Operator;
  version: string | undefined;
}

/** Read anew when a deed is begun: a change names the version that was seen. */
function Seen(props: {
  id: number;
  children: (seen: SeenOperator) => ComponentChildren;
}) {
  const got = useGet<Operator>(`/operators/${props.id}`);
  return (
    <Shown got={got} what="the operator">
      {(operator) => props.children({ operator, version: got.version })}
    </Shown>
  );
}

function NewPassword(
  props: SeenOperator & { onDone: () => void; onClose: () => void },
) {
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
          const wish = () => patch(path, { password }, { version: props.version });
          if (await doing.run(wish)) props.onDone();
        }}
        other={<Button onClick={props.onClose}>Cancel</Button>}
      >
        <p>
          The old one no longer works, and all their sessions and tokens end.
          Their authenticator stays.
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

function ask(seen: SeenOperator, deed: "role" | "disable", done: () => void) {
  const { operator, version } = seen;
  const path = `/operators/${operator.id}`;
  const other = operator.role === "admin" ? "operator" : "admin";
  const change = (wish: object, said: string, undo: object) => async () => {
    await patch(path, wish, { version });
    done();
    toast(said, async () => {
      await patch(path, undo);
      done();
    });
  };
  if (deed === "role") {
    return {
      title: `Make ${operator.name} ${other === "admin" ? "an admin" : "an operator"}?`,
      does:
        other === "admin"
          ? "They may then add, change and disable operators, you among them. Their sessions and tokens end; they sign in anew."
          : "They may then no longer manage operators. Their sessions and tokens end; they sign in anew.",
      confirm: other === "admin" ? "Make them an admin" : "Make them an operator",
      onYes: change(
        { role: other },
        `${operator.name} is ${other} now.`,
        { role: operator.role },
      ),
    };
  }
  return {
    title: `Disable ${operator.name}?`,
    does: "They can no longer sign in, and all their sessions and tokens end: programs that use them stop working. What they did stays in the trail.",
    confirm: "Disable the operator",
    onYes: change({ disabled: true }, `${operator.name} is disabled.`, {
      disabled: false,
    }),
  };
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
      {asked?.deed === "password" && (
        <Seen id={asked.operator.id}>
          {(seen) => (
            <NewPassword
              {...seen}
              onClose={close}
              onDone={() => {
                done();
                toast(`${asked.operator.name} has another password.`);
              }}
            />
          )}
        </Seen>
      )}
      {asked && asked.deed !== "add" && asked.deed !== "password" && (
        <Seen id={asked.operator.id}>
          {(seen) => (
            <Confirm
              danger
              {...ask(seen, asked.deed, got.again)}
              onClose={close}
            />
          )}
        </Seen>
      )}
    </Section>
  );
}
