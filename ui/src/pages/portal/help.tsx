// How a migration goes, for who has never seen one.
import { A, Page, Section } from "../../parts";
import { url } from "../../api";
import { mayApprove, useSession } from "../../use";

/** What it is called, what happens then, and who it waits for. */
const course: readonly (readonly [string, string, string])[] = [
  ["received, awaiting information", "We look at what you have sent, and ask by mail for what is missing, all of it at once.", "you, while something is missing"],
  ["quoted", "Both servers were looked at, and the mailboxes counted: what it costs and how long it takes stand there.", "you: approve it, or let it run out"],
  ["approved, scheduled", "We take the first day with room, not before the one that you asked for, and mail it to you. You can change it until it begins.", "us"],
  ["running", "Mailboxes are copied while their users go on working where they are. A mail a day says how far it is.", "us"],
  ["ready for cutover", "All is copied, and kept up to date once a day. Choose your evening: the list on the request’s page says what to change.", "you: say that your users have moved"],
  ["cut over", "What still comes in at the old servers is carried over for some days. Then every item is compared.", "us"],
  ["completed", "The signed certificate says what was found, failures included. All passwords are destroyed.", "nobody"],
];

function Course() {
  return (
    <Section title="From the request to the certificate">
      <dl class="course">
        {course.map(([state, what, who]) => (
          <div key={state}>
            <dt>{state}</dt>
            <dd>{what}</dd>
            <dd class="hint">Waits for {who}.</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function Needed() {
  return (
    <Section title="What you need">
      <ul>
        <li>
          The address of Outlook on the web (OWA) at the current provider. It
          must be reachable from the Internet; nobody logs in to a server.
        </li>
        <li>
          A list of the mailboxes, as CSV:{" "}
          <a href={url("/import-template", { form: "admin" })} download>
            with an administrative account
          </a>{" "}
          that may open them all, or{" "}
          <a href={url("/import-template", { form: "passwords" })} download>
            with each mailbox’s own password
          </a>
          .
        </li>
        <li>
          Passwords are given here alone, never by mail. They are tried at once,
          kept sealed, and destroyed at the end.
        </li>
      </ul>
    </Section>
  );
}

function Weekend() {
  return (
    <Section title="Planning the weekend">
      <ul>
        <li>
          Let the start be days before your cutover: copying goes on in the
          working week, and nobody notices.
        </li>
        <li>
          Trust the second figure of a forecast: nine times in ten it is ready
          for cutover by then. It is reckoned anew while mailboxes are copied.
        </li>
        <li>
          On the evening itself only MX, Autodiscover and what the checklist
          names change. What came in during the last hours is carried over
          afterwards.
        </li>
        <li>
          Whoever finds that it does not fit changes the days while it is
          scheduled, or cancels until cutover. Nothing at the old servers is
          touched.
        </li>
      </ul>
    </Section>
  );
}

export function Help() {
  const may = mayApprove(useSession());
  return (
    <Page
      title="Help"
      hint={
        may
          ? "How a managed migration goes, and what it needs from you."
          : "How a managed migration goes. It costs money, so the Primary or the Primary Billing Contact of your account asks for it and approves it; you see all of it."
      }
    >
      <Course />
      <Needed />
      <Weekend />
      <Section title="Something else">
        <p>
          Answer any of our mails, with its subject as it is: a person reads
          what no program understands. Everything that was said stands under
          Messages of <A href="/">your request</A>.
        </p>
      </Section>
    </Page>
  );
}
