// What a mail says: text alone, whatever it was written in.
import { url } from "../../api";
import { Shown } from "../../parts";
import type { MailText, OutboxText } from "../../types/request";
import { useGet } from "../../use";
import { bytes } from "../../words";

function Text(props: { text: string }) {
  return props.text.trim() === "" ? (
    <p class="hint">It says nothing.</p>
  ) : (
    <pre class="mail-text" tabIndex={0} aria-label="What it says">
      {props.text}
    </pre>
  );
}

export function CameIn(props: { id: number }) {
  const got = useGet<MailText>(`/mails/${props.id}/text`);
  return (
    <Shown got={got} what="the mail">
      {(m) => (
        <div class="mail">
          <Text text={m.text} />
          {m.forwarded && (
            <>
              <p class="hint">With it was sent on:</p>
              <Text text={m.forwarded} />
            </>
          )}
          {m.files.length > 0 && (
            <ul class="mail-files" aria-label="Attached">
              {m.files.map((f, i) => (
                <li key={i}>
                  {f.name || "without a name"}{" "}
                  <span class="hint">
                    {f.kind}, {bytes(f.bytes)}
                  </span>
                </li>
              ))}
            </ul>
          )}
          <p class="hint">
            {m.redacted &&
              "Passwords were taken out, and its bodies were not kept. "}
            What was quoted is left out.{" "}
            <a href={url(`/mails/${props.id}`)} download>
              The mail as it is kept
            </a>
          </p>
        </div>
      )}
    </Shown>
  );
}

export function WentOut(props: { id: number }) {
  const got = useGet<OutboxText>(`/outbox/${props.id}`);
  return (
    <Shown got={got} what="the letter">
      {(m) => (
        <div class="mail">
          <Text text={m.text} />
          <p class="hint">
            *** stands for what opens a link: it is for {m.recipient} alone.
            {m.tries > 1 && ` It was tried ${m.tries} times.`}
          </p>
        </div>
      )}
    </Shown>
  );
}
