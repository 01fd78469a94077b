// Whose mailboxes: one of the account's domains.
import { useRef, useState } from "preact/hooks";

import { Problem, once, patch, post } from "../../api";
import { A, Form, Select, Shown, StepHead } from "./step";
import type { Account, Request } from "../../types/portal";
import { useDoing, useGet, useSession } from "../../use";
import { wrongPiece } from "./step";

export function DomainStep(props: {
  request: Request | undefined;
  /** With the request's number, which may be new. */
  next: (id: number) => void;
}) {
  const { request: r } = props;
  const who = useSession();
  const got = useGet<Account>(`/accounts/${who.account}`);
  const key = useRef(once());
  const [chosen, choose] = useState<string>();
  const doing = useDoing();
  return (
    <>
      <StepHead
        title="Which domain is to be migrated?"
        hint="All mailboxes of the import file are in it. It is one of those on file for your account."
      />
      <Shown got={got} what="your domains">
        {(account) => {
          const domain = chosen ?? r?.domain ?? account.domains[0]?.name ?? "";
          return account.domains.length === 0 ? (
            <p class="notice">
              No domain is on file for {account.name}. Ask us to add the
              customer's domain; the request can begin then.
            </p>
          ) : (
            <Form
              send="Next"
              busy={doing.busy}
              problem={taken(doing.problem) ? undefined : doing.problem}
              fields={["domain"]}
              onSend={async () => {
                let id = r?.id ?? 0;
                const done = await doing.run(async () => {
                  if (r === undefined) {
                    const made = await post<Request>(
                      "/requests",
                      { domain },
                      { once: key.current },
                    );
                    id = made.id;
                  } else if (domain !== r.domain) {
                    await patch(`/requests/${r.id}`, { domain });
                  }
                });
                key.current = once();
                if (done) props.next(id);
              }}
            >
              <Select
                label="Domain"
                hint="Not in the list? Ask us to add it to your account."
                value={domain}
                onValue={choose}
                options={account.domains.map((d) => [d.name, d.name] as const)}
                wrong={wrongPiece(doing.problem, "domain")}
              />
              {taken(doing.problem) && (
                <p class="notice" role="alert">
                  There is a request for {domain} already.{" "}
                  <A href="/">Go on with that one</A>, or cancel it first.
                </p>
              )}
            </Form>
          );
        }}
      </Shown>
    </>
  );
}

const taken = (p: Problem | undefined) => p?.slug === "taken";
