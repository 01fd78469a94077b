// The quote line by line, as it was sent.
import { Empty, Time } from "../../parts";
import type { Quote, RequestState } from "../../types/request";
import { bytes, several } from "../../words";

/** Minor units with the digits that the price list has. */
function amount(minor: number, digits: number): string {
  return (minor / 10 ** digits).toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function QuoteTable(props: { quote: Quote | null; state: RequestState }) {
  const q = props.quote;
  if (q === null) {
    return (
      <Empty
        title="No quote yet"
        hint="It is made by the price list once the check has found every mailbox reachable."
      />
    );
  }
  return (
    <div class="quote-lines">
      <p>
        For {several(q.mailboxes, "mailbox", "mailboxes")} with {bytes(q.bytes)};
        made <Time at={q.made} />
        {props.state === "quoted" && (
          <>
            , valid until <Time at={q.until} />
          </>
        )}
        .
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Lines of the quote">
        <table>
          <caption class="heard">Lines of the quote</caption>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col" class="number">
                Count
              </th>
              <th scope="col" class="number">
                Each, {q.currency}
              </th>
              <th scope="col" class="number">
                Amount, {q.currency}
              </th>
            </tr>
          </thead>
          <tbody>
            {q.lines.map((line, i) => (
              <tr key={i}>
                <td>{line.text}</td>
                <td class="number">{line.count}</td>
                <td class="number">{amount(line.each, q.digits)}</td>
                <td class="number">{amount(line.amount, q.digits)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                Total{q.tax === "" ? "" : `, ${q.tax}`}
              </th>
              <td class="number">
                <strong>
                  {amount(q.total, q.digits)} {q.currency}
                </strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
    </div>
  );
}
