// What an operator does with a mail of the tray.
import { useState } from "preact/hooks";

import { once, post, type List } from "../../api";
import {
  Button,
  Confirm,
  Dialog,
  Empty,
  Fault,
  Form,
  Input,
  Select,
  Bars,
  toast,
} from "../../parts";
import { go } from "../../route";
import { OPEN_STATES, type Mail, type Request } from "../../types/request";
import { useDoing, useGet } from "../../use";

interface DeedProps {
  mail: Mail;
  done: () => void;
  onClose: () => void;
}

interface Contact {
  id: number;
  account: number;
  address: string;
  name: string | null;
  roles: string[];
  disabled: string | boolean | null;
}

function Reads(props: { to: string }) {
  return (
    <ul class="foresee">
      <li>
        What a person wrote in it is read as if it had come from a contact of
        that account: OWA URL, dates, an import file are taken over.
      </li>
      <li>
        {props.to} is written to where the mail changes what is missing, and
        asked for the rest. Whoever sent the mail is told nothing.
      </li>
    </ul>
  );
}

const domainOf = (address: string) => address.split("@")[1] ?? "";

/** The one that it answers, else one of the sender's domain. */
function likely(mail: Mail, all: readonly Request[]): string {
  const found =
    all.find((r) => r.id === mail.request) ??
    all.find((r) => r.openedBy === mail.sender) ??
    all.find((r) => r.domain !== null && r.domain === domainOf(mail.sender));
  return found ? String(found.id) : "";
}

/* ---- with a request ------------------------------------------------------- */

function PlaceForm(props: DeedProps & { requests: readonly Request[] }) {
  const { mail, requests } = props;
  const [to, setTo] = useState(likely(mail, requests));
  const [reason, setReason] = useState("");
  const [key] = useState(once);
  const [tried, setTried] = useState(false);
  const doing = useDoing();
  const chosen = requests.find((r) => String(r.id) === to);
  const send = async () => {
    setTried(true);
    if (to === "") return;
    const sent = await doing.run(() =>
      post(
        `/mails/${mail.id}/actions`,
        {
          action: "place",
          request: Number(to),
          ...(reason.trim() !== "" && { reason: reason.trim() }),
        },
        { once: key },
      ),
    );
    if (!sent) return;
    toast(`It is placed with request ${to}.`);
    props.done();
    props.onClose();
  };
  return (
    <Form
      send="Place it"
      onSend={send}
      busy={doing.busy}
      problem={doing.problem}
      other={<Button onClick={props.onClose}>Leave it in the tray</Button>}
    >
      <Select
        label="Request"
        value={to}
        onValue={setTo}
        required
        wrong={tried && to === "" ? "Choose the request." : undefined}
        options={[
          ["", "choose one"],
          ...requests.map(
            (r) =>
              [
                String(r.id),
                `${r.id} · ${r.domain ?? "no domain yet"} · ${r.openedBy} · ${r.state}`,
              ] as const,
          ),
        ]}
      />
      <Reads to={chosen ? `The contact of request ${chosen.id}` : "Its contact"} />
      <Input
        label="Why it belongs there"
        hint="For the audit trail."
        maxLength={1000}
        value={reason}
        onValue={setReason}
      />
    </Form>
  );
}

export function Place(props: DeedProps) {
  const got = useGet<List<Request>>("/requests", {
    query: { state: OPEN_STATES.join(), sort: "-changed", limit: 500 },
  });
  return (
    <Dialog title="Place it with a request" onClose={props.onClose}>
      {got.problem && <Fault problem={got.problem} again={got.again} />}
      {got.data === undefined ? (
        !got.problem && <Bars what="requests" />
      ) : got.data.items.length === 0 ? (
        <Empty
          title="No request is open"
          action={<Button onClick={props.onClose}>Leave it in the tray</Button>}
        />
      ) : (
        <PlaceForm {...props} requests={got.data.items} />
      )}
    </Dialog>
  );
}

/* ---- a new one ------------------------------------------------------------ */

const mayAsk = (c: Contact) =>
  !c.disabled && c.roles.some((role) => role === "primary" || role === "billing");

export function Open(props: DeedProps) {
  const { mail } = props;
  const [text, setText] = useState(domainOf(mail.sender));
  const [contact, setContact] = useState("");
  const [key] = useState(once);
  const [tried, setTried] = useState(false);
  const doing = useDoing();
  const got = useGet<List<Contact>>("/contacts", {
    query: { text, limit: 100, sort: "address" },
  });
  const found = (got.data?.items ?? []).filter(mayAsk);
  const chosen = found.find((c) => String(c.id) === contact);
  const send = async () => {
    setTried(true);
    if (chosen === undefined) return;
    let opened = 0;
    const sent = await doing.run(async () => {
      const made = await post<{ id: number }>(
        `/mails/${mail.id}/actions`,
        { action: "open", contact: chosen.id },
        { once: key },
      );
      opened = made.id;
    });
    if (!sent) return;
    toast(`Request ${opened} is opened.`);
    props.onClose();
    go(`/requests/${opened}`);
  };
  return (
    <Dialog title="Open a request with it" onClose={props.onClose}>
      <Form
        send="Open the request"
        onSend={send}
        busy={doing.busy}
        problem={doing.problem}
        other={<Button onClick={props.onClose}>Leave it in the tray</Button>}
      >
        <Input
          label="Find a contact"
          type="search"
          hint="A part of the address or the name."
          value={text}
          onValue={setText}
        />
        {got.problem && <Fault problem={got.problem} again={got.again} />}
        <Select
          label="For whom"
          hint="Primary and Primary Billing Contacts may ask for a migration."
          value={contact}
          onValue={setContact}
          required
          wrong={tried && chosen === undefined ? "Choose the contact." : undefined}
          options={[
            ["", found.length === 0 ? "nobody found who may ask" : "choose one"],
            ...found.map(
              (c) =>
                [
                  String(c.id),
                  `${c.name === null ? "" : `${c.name}, `}${c.address} (${c.roles.join(", ")})`,
                ] as const,
            ),
          ]}
        />
        <Reads to={chosen?.address ?? "That contact"} />
      </Form>
    </Dialog>
  );
}

/* ---- of no consequence ---------------------------------------------------- */

export function Done(props: DeedProps) {
  const { mail } = props;
  const [key] = useState(once);
  return (
    <Confirm
      title="Put it aside?"
      does={
        <p>
          “{mail.subject || "without a subject"}” leaves the tray as of no
          consequence. It is kept, nobody is told, and this stands on the audit
          trail. It cannot be put back into the tray.
        </p>
      }
      confirm="Put it aside"
      onYes={async () => {
        await post(`/mails/${mail.id}/actions`, { action: "done" }, { once: key });
        toast("It is put aside.");
        props.done();
      }}
      onClose={props.onClose}
    />
  );
}
