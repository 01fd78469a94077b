// Where the mailboxes are now: looked at while the address is typed.
import { useEffect, useState } from "preact/hooks";

import { patch, post } from "../../api";
import type { Probe } from "../../types/portal";
import { problemOf, useDoing } from "../../use";
import { sentence } from "../../words";
import { Form, Input, StepHead, isPieces, wrongPiece } from "./step";
import type { StepProps } from "./wizard";

/** Typing has come to a rest. */
const PAUSE_MS = 900;

type Seen =
  | { at: "nothing" }
  | { at: "asking"; url: string }
  | { at: "seen"; url: string; probe: Probe }
  | { at: "trouble"; url: string; text: string };

/** Worth a look: a host with a dot and something after it. */
const looksWhole = (url: string) => /^(https?:\/\/)?[^\s/.]+(\.[^\s/.]+)+(\/\S*)?$/i.test(url);

function useProbe(url: string): Seen {
  const [seen, set] = useState<Seen>({ at: "nothing" });
  useEffect(() => {
    if (!looksWhole(url)) {
      set({ at: "nothing" });
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      set({ at: "asking", url });
      post<Probe>("/probes", { url }, { signal: stop.signal }).then(
        (probe) => set({ at: "seen", url, probe }),
        (cause: unknown) => {
          if (stop.signal.aborted) return;
          set({ at: "trouble", url, text: problemOf(cause).message });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [url]);
  return seen;
}

function Found(props: { seen: Seen }) {
  const { seen } = props;
  if (seen.at === "nothing") return null;
  if (seen.at === "asking") return <p>Looking for an Exchange there …</p>;
  if (seen.at === "trouble") {
    return <p>It could not be looked at just now: {seen.text}</p>;
  }
  const p = seen.probe;
  return p.reachable ? (
    <>
      <p>
        <strong>Exchange answers at {p.host}.</strong>
      </p>
      <p class="hint">
        {p.version ? `Version ${p.version}; ` : ""}
        signing in by {p.schemes.length > 0 ? p.schemes.join(", ") : "no way that it tells"}.
      </p>
    </>
  ) : (
    <>
      <p>
        <strong>No Exchange could be reached there.</strong> {sentence(p.detail ?? "")}
      </p>
      <p class="hint">{p.remedy ? `What to do: ${p.remedy}. ` : ""}
        You can go on all the same: we try it again.
      </p>
    </>
  );
}

const mood = (seen: Seen) =>
  seen.at === "seen" ? (seen.probe.reachable ? "good" : "warn") : "";

export function ServerStep({ request: r, next }: StepProps) {
  const [url, setUrl] = useState(r.owaUrl ?? "");
  const seen = useProbe(url.trim());
  const doing = useDoing();
  return (
    <>
      <StepHead
        title="Where do users read their mail now?"
        hint="The address of Outlook on the web (OWA) at the current Exchange provider, as in a browser. It must be reachable from the Internet; we never remote into a server."
      />
      <Form
        send="Next"
        busy={doing.busy}
        problem={isPieces(doing.problem) ? undefined : doing.problem}
        onSend={async () => {
          const said = { owaUrl: url.trim() };
          const done =
            said.owaUrl === "" ||
            (await doing.run(() => patch(`/requests/${r.id}`, said)));
          if (done) next();
        }}
      >
        <Input
          label="OWA address"
          inputMode="url"
          autoComplete="url"
          autoCapitalize="none"
          spellcheck={false}
          placeholder="https://mail.example.com/owa"
          maxLength={2000}
          value={url}
          onValue={setUrl}
          wrong={wrongPiece(doing.problem, "owaUrl")}
        />
        <div class={`finding ${mood(seen)}`} role="status">
          <Found seen={seen} />
        </div>
      </Form>
    </>
  );
}
