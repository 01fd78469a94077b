// What it costs, line by line.
import { Time } from "../../parts";
import type { Quote } from "../../types/portal";
import { bytes, count, several } from "../../words";
import { lasting, price } from "./plain";

export function QuoteTable(props: {
  quote: Quote;
  /** It can still be approved. */
  open?: boolean;
}) {
  const q = props.quote;
  return (
    <div class="costs">
      <div class="scroll" tabIndex={0} role="region" aria-label="Quote">
        <table class="quote">
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col" class="number wide">
                Number
              </th>
              <th scope="col" class="number wide">
                Each
              </th>
              <th scope="col" class="number">
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {q.lines.map((line, i) => (
              <tr key={i}>
                <td>
                  {line.text}
                  <span class="hint narrow">
                    {count(line.count)} × {price(line.each, q)}
                  </span>
                </td>
                <td class="number wide">{count(line.count)}</td>
                <td class="number wide">{price(line.each, q)}</td>
                <td class="number">{price(line.amount, q)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Total{q.tax === "" ? "" : `, ${q.tax}`}</th>
              <td class="wide" />
              <td class="wide" />
              <td class="number">
                <strong>{price(q.total, q)}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="hint">
        {several(q.mailboxes, "mailbox", "mailboxes")}, {bytes(q.bytes)}.
        {props.open && (
          <>
            {" "}
            It can be approved until{" "}
            <Time at={q.until} none="it is replaced" />.
          </>
        )}
      </p>
      {props.open && q.forecast && (
        <p>
          {lasting(q.forecast)}{" "}
          <span class="hint">It rests on: {q.forecast.basis}.</span>
        </p>
      )}
    </div>
  );
}
