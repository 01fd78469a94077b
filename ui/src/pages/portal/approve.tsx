// The quote with the button that costs money, for who may press it.
import { useRef, useState } from "preact/hooks";

import { once, post } from "../../api";
import { Button, Confirm, toast } from "../../parts";
import type { Request } from "../../types/portal";
import { mayApprove, useSession } from "../../use";
import { price } from "./plain";
import { QuoteTable } from "./quote";

export function Offer(props: {
  request: Request;
  version: string | undefined;
  again: () => void;
}) {
  const { request: r } = props;
  const who = useSession();
  const key = useRef(once());
  const [asking, ask] = useState(false);
  if (r.quote === null) return null;
  return (
    <>
      <QuoteTable quote={r.quote} open />
      {mayApprove(who) ? (
        <div class="actions">
          <Button kind="main" onClick={() => ask(true)}>
            Approve for {price(r.quote.total, r.quote)}
          </Button>
        </div>
      ) : (
        <p class="notice">
          A managed migration is billable: the Primary or the Primary Billing
          Contact of your account approves it.
        </p>
      )}
      {asking && (
        <Confirm
          title="Approve this quote?"
          confirm={`Approve for ${price(r.quote.total, r.quote)}`}
          does={
            <p>
              Your account is billed {price(r.quote.total, r.quote)}
              {r.quote.tax === "" ? "" : `, ${r.quote.tax},`} once the
              migration is over. We choose the first day with room and mail it
              to you; the day can be changed, and the migration cancelled until
              cutover.
            </p>
          }
          onYes={async () => {
            await post(
              `/requests/${r.id}/actions`,
              { action: "approve" },
              { once: key.current, version: props.version },
            );
            toast("Approved. We mail you the day.");
            props.again();
          }}
          onClose={() => {
            key.current = once();
            ask(false);
          }}
        />
      )}
    </>
  );
}
