// The configuration as it is in force: looked up here, changed in its files.
import { Section, Shown, Table } from "../../parts";
import type { Setting } from "../../types/people";
import { useGet } from "../../use";

const none = <span class="hint">none</span>;
const isDefault = (s: Setting) => s.origin === "default";

function Value(props: { of: Setting }) {
  const s = props.of;
  return (
    <>
      {s.value === null ? none : <code>{s.value}</code>}
      {s.waiting && (
        <p>
          <span class="badge warn">waits for a start</span>{" "}
          {s.waiting.value === null ? none : <code>{s.waiting.value}</code>}{" "}
          <span class="hint">{s.waiting.origin}</span>
        </p>
      )}
    </>
  );
}

const when = (s: Setting) => (s.reload ? "on a reload" : "at a start");

export function Configuration() {
  const got = useGet<{ items: Setting[] }>("/settings");
  return (
    <Section
      title="Configuration in force"
      hint="Changed where it is written, by whoever has the machine. An option outranks the environment, and that the file. Passwords are never shown."
    >
      <Shown got={got} what="the configuration" lines={8}>
        {({ items }) => (
          <Table
            caption="settings"
            rows={items}
            rowKey={(s) => `${s.section}.${s.key}`}
            param="settings"
            text={(s) =>
              [`${s.section}.${s.key}`, s.help, s.value, s.origin].join(" ")
            }
            columns={[
              {
                name: "key",
                title: "Key",
                by: (s) => `${s.section}.${s.key}`,
                cell: (s) => (
                  <>
                    <code>
                      {s.section}.{s.key}
                    </code>
                    <p class="hint small">{s.help}</p>
                  </>
                ),
              },
              {
                name: "value",
                title: "Value",
                by: (s) => s.value,
                cell: (s) => <Value of={s} />,
              },
              {
                name: "origin",
                title: "From",
                by: (s) => s.origin,
                cell: (s) =>
                  isDefault(s) ? (
                    <span class="hint">default</span>
                  ) : (
                    <>
                      {s.origin}
                      <p class="hint small">
                        default: {s.default ?? "none"}
                      </p>
                    </>
                  ),
              },
              {
                name: "change",
                title: "Takes effect",
                by: when,
                cell: (s) => (
                  <>
                    {when(s)}
                    <p class="hint small">
                      <code>--{s.option}</code> <code>{s.variable}</code>
                    </p>
                  </>
                ),
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}
