// A migration of an import file, made by an operator.
import { useRef, useState } from "preact/hooks";

import { once, post, Problem } from "../api";
import { Check, Form, Input, Page, Section, toast, wrongIn } from "../parts";
import { go } from "../route";
import { useDoing } from "../use";
import { several } from "../words";
import { FaultList, FileField, faultsOf, type ImportFile } from "./migration/file";

interface Login {
  url: string;
  user: string;
  password: string;
}

const nobody: Login = { url: "", user: "", password: "" };

function SideFields(props: {
  title: string;
  hint: string;
  side: Login;
  onSide: (to: Login) => void;
  wrong: string | undefined;
}) {
  const { side, onSide } = props;
  return (
    <Section title={props.title} hint={props.hint}>
      <Input
        label="Address of OWA or EWS"
        type="url"
        value={side.url}
        wrong={props.wrong}
        placeholder="https://mail.example.com/owa"
        onValue={(url) => onSide({ ...side, url })}
      />
      <Input
        label="Administrative user"
        hint="Left empty where the file has the mailboxes’ own passwords."
        value={side.user}
        autoComplete="off"
        onValue={(user) => onSide({ ...side, user })}
      />
      <Input
        label="Their password"
        hint="Sealed when it arrives; no page shows it again."
        type="password"
        value={side.password}
        autoComplete="new-password"
        onValue={(password) => onSide({ ...side, password })}
      />
    </Section>
  );
}

/** What was not filled in is not said. */
function sideBody(side: Login): Record<string, string> {
  return {
    url: side.url.trim(),
    ...(side.user && { user: side.user }),
    ...(side.password && { password: side.password }),
  };
}

export function MigrationAdd() {
  const [name, setName] = useState("");
  const [file, setFile] = useState<ImportFile | undefined>(undefined);
  const [source, setSource] = useState(nobody);
  const [destination, setDestination] = useState(nobody);
  const [skip, setSkip] = useState(false);
  const key = useRef(once());
  const doing = useDoing();
  const faults = faultsOf(doing.problem);

  async function make(): Promise<void> {
    if (file === undefined) {
      throw new Problem(422, {
        detail: "Choose the import file first.",
        field: "import",
      });
    }
    try {
      const made = await post<{ id: number; mailboxes: number }>(
        "/migrations",
        {
          name,
          import: file.text,
          skipBadRows: skip,
          source: sideBody(source),
          destination: sideBody(destination),
        },
        { once: key.current },
      );
      toast(`${several(made.mailboxes, "mailbox", "mailboxes")} taken in; nothing is queued yet.`);
      go(`/migrations/${made.id}`);
    } catch (cause) {
      // another body is another request
      key.current = once();
      throw cause;
    }
  }

  return (
    <Page
      title="New migration"
      crumbs={[{ href: "/migrations", text: "Migrations" }]}
      hint="Of an import file, without a request. Nothing is queued by making it."
      narrow
    >
      <Form
        send="Make the migration"
        onSend={() => void doing.run(make)}
        busy={doing.busy}
        problem={doing.problem}
        fields={["name", "import", "source", "destination"]}
      >
        <Section title="What is moved">
          <Input
            label="Name"
            hint="As it is called in lists: the customer, say."
            value={name}
            wrong={wrongIn(doing.problem, "name")}
            maxLength={200}
            onValue={setName}
          />
          <FileField
            file={file}
            onFile={setFile}
            wrong={wrongIn(doing.problem, "import")}
          />
          <FaultList faults={faults} />
          <Check
            label="Leave out rows with faults"
            hint="Else one faulty row is enough to make nothing."
            value={skip}
            onValue={setSkip}
          />
        </Section>
        <SideFields
          title="From: the source"
          hint="The Exchange the mailboxes are on now."
          side={source}
          onSide={setSource}
          wrong={wrongIn(doing.problem, "source")}
        />
        <SideFields
          title="To: the destination"
          hint="The Exchange they move to."
          side={destination}
          onSide={setDestination}
          wrong={wrongIn(doing.problem, "destination")}
        />
      </Form>
    </Page>
  );
}
