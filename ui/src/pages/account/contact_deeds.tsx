// What is done to a contact of an account, each asked once more with all that
// it will do.
import { Button, Decide, Dialog, Fault, type Decision } from "../../parts";
import type { Contact } from "../../types/people";
import { useGet } from "../../use";
import { roleNames } from "../accounts/edit_contact";

/** What is decided with a yes. */
export type Decided = "disable" | "enable" | "remove";

export type Asked =
  | { deed: "add" }
  | { deed: "change"; contact: Contact }
  | { deed: Decided; contact: Contact };

function decision(contact: Contact, deed: Decided): Decision {
  const { address } = contact;
  const who = contact.name ?? address;
  if (deed === "remove") {
    return {
      title: `Remove ${who}?`,
      does: `${address} is taken off the account for good. Their session ends, links that they were sent no longer work, and mails from there are those of somebody unknown. What they asked for stays.`,
      danger: true,
      confirm: "Remove the contact",
      said: `${address} was removed.`,
    };
  }
  if (deed === "enable") {
    return {
      title: `Enable ${who}?`,
      does: `${address} can sign in again, as ${roleNames(contact.roles)}.`,
      confirm: "Enable the contact",
      wish: { disabled: false },
      said: `${address} can sign in again.`,
      undo: { disabled: true },
    };
  }
  return {
    title: `Disable ${who}?`,
    does: `${address} can no longer sign in, ask or approve, and their session ends. It can be undone.`,
    danger: true,
    confirm: "Disable the contact",
    wish: { disabled: true },
    said: `${address} is disabled.`,
    undo: { disabled: false },
  };
}

/** Read anew when it is asked: a change names the version that was seen. */
export function DecideContact(props: {
  contact: Contact;
  deed: Decided;
  onDone: () => void;
  onClose: () => void;
}) {
  const { contact, deed } = props;
  const path = `/contacts/${contact.id}`;
  const got = useGet<Contact>(path);
  if (got.problem) {
    return (
      <Dialog title={contact.address} onClose={props.onClose}>
        <Fault problem={got.problem} again={got.again} />
      </Dialog>
    );
  }
  if (got.data === undefined) return null;
  return (
    <Decide
      path={path}
      version={got.version}
      decision={decision(got.data, deed)}
      onDone={props.onDone}
      onClose={props.onClose}
    />
  );
}

export function ContactDeeds(props: {
  contact: Contact;
  onAsk: (to: Asked) => void;
}) {
  const { contact, onAsk } = props;
  const { address } = contact;
  return (
    <div class="actions">
      <Button
        aria-label={`Change ${address}`}
        onClick={() => onAsk({ deed: "change", contact })}
      >
        Change
      </Button>
      {contact.disabled ? (
        <Button
          aria-label={`Enable ${address}`}
          onClick={() => onAsk({ deed: "enable", contact })}
        >
          Enable
        </Button>
      ) : (
        <Button
          aria-label={`Disable ${address}`}
          onClick={() => onAsk({ deed: "disable", contact })}
        >
          Disable
        </Button>
      )}
      <Button
        kind="danger"
        aria-label={`Remove ${address}`}
        onClick={() => onAsk({ deed: "remove", contact })}
      >
        Remove
      </Button>
    </div>
  );
}
