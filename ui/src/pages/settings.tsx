// The service itself: who runs it, what it was told, what was decided.
import { Page, Tabs } from "../parts";
import { Configuration } from "./settings/configuration";
import { Operators } from "./settings/operators";
import { Own } from "./settings/own";
import { Prices } from "./settings/prices";
import { Tokens } from "./settings/tokens";
import { Trail } from "./settings/trail";

export function Settings() {
  return (
    <Page title="Settings">
      <Tabs
        tabs={[
          { name: "you", title: "You", body: () => <Own /> },
          { name: "tokens", title: "Your tokens", body: () => <Tokens /> },
          { name: "operators", title: "Operators", body: () => <Operators /> },
          { name: "trail", title: "Audit trail", body: () => <Trail /> },
          { name: "prices", title: "Prices", body: () => <Prices /> },
          {
            name: "configuration",
            title: "Configuration",
            body: () => <Configuration />,
          },
        ]}
      />
    </Page>
  );
}
