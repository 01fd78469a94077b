// What migrations cost, as quotes are made of it.
import { Empty, Facts, Section, Shown, Table } from "../../parts";
import type { PriceList } from "../../types/people";
import { useGet } from "../../use";
import { bytes, several } from "../../words";

/** Of its own digits: a price list may have others than the currency's. */
function amount(list: PriceList, minor: number): string {
  const text = new Intl.NumberFormat("en", {
    minimumFractionDigits: list.digits,
    maximumFractionDigits: list.digits,
  }).format(minor / 10 ** list.digits);
  return `${text} ${list.currency}`;
}

export function Prices() {
  const got = useGet<{ list: PriceList | null }>("/price-list");
  return (
    <Section
      title="Price list"
      hint="The same for every account. A quote that was given keeps its prices until it ends, whatever the list says since."
    >
      <Shown got={got} what="the price list">
        {({ list }) =>
          list === null ? (
            <Empty
              title="No price list is configured"
              hint="Requests wait for an operator instead of being quoted. desk.price-list names the file."
            />
          ) : (
            <>
              <Table
                caption="prices of mailboxes"
                rows={list.tiers}
                rowKey={(t) => t.from}
                param="prices"
                columns={[
                  {
                    name: "mailboxes",
                    title: "Mailboxes of a request",
                    by: (t) => t.from,
                    cell: (t) =>
                      t.to === null
                        ? `${t.from} and more`
                        : `${t.from} to ${t.to}`,
                  },
                  {
                    name: "each",
                    title: "Each",
                    number: true,
                    by: (t) => t.each,
                    cell: (t) => amount(list, t.each),
                  },
                ]}
              />
              <Facts
                facts={[
                  ["At least", amount(list, list.minimum)],
                  [
                    "Size",
                    `${bytes(list.allowance)} a mailbox are included, on average over the request; a GB more costs ${amount(list, list.perGB)}`,
                  ],
                  ["A quote is valid for", several(list.validDays, "day")],
                  ["Tax", list.tax ?? <span class="hint">nothing is said</span>],
                ]}
              />
            </>
          )
        }
      </Shown>
    </Section>
  );
}
