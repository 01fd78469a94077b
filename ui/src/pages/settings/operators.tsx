// Who runs the service.  Operators see who does; admins change it.
import { useState } from "preact/hooks";

import type { List } from "../../api";
import { Button, Section, Shown, StateBadge, Table, Time } from "../../parts";
import type { Operator } from "../../types/people";
import { useGet, useSession } from "../../use";
import { About, AddOperator, type Asked } from "./operator_deeds";

function Deeds(props: {
  operator: Operator;
  onAsk: (to: Asked) => void;
}) {
  const { operator, onAsk } = props;
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
          onClick={() => onAsk({ deed: "enable", operator })}
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
                by: (o) => (o.authenticator ? "in use" : "none"),
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
                          <Deeds operator={o} onAsk={setAsked} />
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
