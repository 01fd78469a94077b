// A contact of an account: a new one, or a change.
import { useState } from "preact/hooks";

import { once, patch, post } from "../../api";
import { Button, Check, Dialog, Form, Input, Shown, wrongIn } from "../../parts";
import type { Contact, ContactRole } from "../../types/people";
import { useDoing, useGet } from "../../use";

export const roles: readonly (readonly [ContactRole, string, string])[] = [
  ["primary", "Primary", "may ask for migrations and approve what they cost"],
  [
    "billing",
    "Primary Billing",
    "may ask for migrations and approve what they cost",
  ],
  ["technical", "Technical", "may look, never ask or approve"],
];

export const roleNames = (of: readonly ContactRole[]) =>
  roles
    .filter(([role]) => of.includes(role))
    .map(([, name]) => name)
    .join(", ");

function Fields(props: {
  account: number;
  contact?: Contact;
  version?: string | undefined;
  onDone: () => void;
  onClose: () => void;
}) {
  const { contact } = props;
  const [address, setAddress] = useState(contact?.address ?? "");
  const [name, setName] = useState(contact?.name ?? "");
  const [held, setHeld] = useState<ContactRole[]>(contact?.roles ?? []);
  const [key] = useState(once);
  const doing = useDoing();
  const rolesWrong = wrongIn(doing.problem, "roles");

  const send = async () => {
    const wish = {
      address,
      ...(name === (contact?.name ?? "") ? {} : { name }),
      roles: held,
    };
    const deed = () =>
      contact
        ? patch(`/contacts/${contact.id}`, wish, { version: props.version })
        : post(
            "/contacts",
            { account: props.account, ...wish },
            { once: key },
          );
    if (await doing.run(deed)) props.onDone();
  };
  return (
    <Form
      send={contact ? "Save the change" : "Add the contact"}
      busy={doing.busy}
      problem={doing.problem}
      fields={["address", "name", "roles"]}
      onSend={send}
      other={<Button onClick={props.onClose}>Cancel</Button>}
    >
      <Input
        label="Email address"
        hint="Links to sign in go there, and mails from there are theirs."
        type="email"
        required
        maxLength={254}
        value={address}
        onValue={setAddress}
        wrong={wrongIn(doing.problem, "address", address)}
      />
      <Input
        label="Name"
        maxLength={254}
        value={name}
        onValue={setName}
        wrong={wrongIn(doing.problem, "name")}
      />
      <fieldset class="rows">
        <legend>Roles</legend>
        {roles.map(([role, title, may]) => (
          <Check
            key={role}
            label={title}
            hint={may}
            value={held.includes(role)}
            onValue={(on) =>
              setHeld(on ? [...held, role] : held.filter((r) => r !== role))
            }
          />
        ))}
        {rolesWrong && <p class="wrong">{rolesWrong}</p>}
      </fieldset>
    </Form>
  );
}

/** Read anew when it is opened: a change names the version that was seen. */
function Known(props: {
  id: number;
  account: number;
  onDone: () => void;
  onClose: () => void;
}) {
  const got = useGet<Contact>(`/contacts/${props.id}`);
  return (
    <Shown got={got} what="the contact">
      {(contact) => (
        <Fields {...props} contact={contact} version={got.version} />
      )}
    </Shown>
  );
}

export function EditContact(props: {
  account: number;
  /** Without one a new contact is made. */
  id?: number | undefined;
  onDone: () => void;
  onClose: () => void;
}) {
  const { id, ...rest } = props;
  return (
    <Dialog
      title={id === undefined ? "Add a contact" : "Change the contact"}
      onClose={props.onClose}
    >
      {id === undefined ? <Fields {...rest} /> : <Known id={id} {...rest} />}
    </Dialog>
  );
}
