// How a request ended: what was said of it, and what there is to keep.
import { url, type List } from "../../api";
import { Section } from "../../parts";
import type { Request, TimelineLine } from "../../types/portal";
import { useGet } from "../../use";
import { told } from "./plain";

/** What was said when it ended so; what cannot be read is not said. */
export function Said(props: { id: number; action: string; mood?: "good" }) {
  const got = useGet<List<TimelineLine>>(`/requests/${props.id}/timeline`, {
    query: { limit: 500 },
  });
  const line = got.data?.items.filter((l) => l.action === props.action).pop();
  const text = line && told(line);
  return text ? (
    <p class={`finding ${props.mood ?? ""}`}>{text}.</p>
  ) : null;
}

export function Result(props: { request: Request }) {
  const { request: r } = props;
  const certificate = (form: string) =>
    url(`/requests/${r.id}/certificate`, { form });
  return (
    <Section title="The result">
      <Said id={r.id} action="request.swept" mood="good" />
      <div class="actions">
        <a class="button main" href={certificate("html")} download>
          Certificate to read and print
        </a>
        <a class="button" href={certificate("json")} download>
          The same, signed
        </a>
      </div>
      <p class="hint">
        Keep the signed one: anybody can check it with{" "}
        <a href="/certificate-keys">our public keys</a>.
      </p>
    </Section>
  );
}
