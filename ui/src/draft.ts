// What somebody types over what the service has said, while that may change
// under it: nothing typed is lost, and nobody's change is written over unseen.
import { useEffect, useState } from "preact/hooks";

export interface Draft<T> {
  value: T;
  set: (to: T) => void;
  /** For If-Match: of what it was typed over. */
  version: string | undefined;
  /** Somebody has changed meanwhile what it was typed over. */
  moved: boolean;
  /** Forget what was typed: the latest is shown. */
  leave: () => void;
  /** Keep what was typed, over the latest. */
  insist: () => void;
  /** It was sent: what was typed stays until the service says it, too. */
  sent: () => void;
}

interface Typed<T> {
  value: T;
  over: string | undefined;
  sent: boolean;
}

export function useDraft<T>(latest: T, version: string | undefined): Draft<T> {
  const [typed, type] = useState<Typed<T> | undefined>(undefined);
  useEffect(
    () => type((old) => (old?.sent ? undefined : old)),
    [version],
  );
  const over = typed ? typed.over : version;
  return {
    value: typed ? typed.value : latest,
    set: (value) => type({ value, over, sent: false }),
    version: over,
    moved: typed !== undefined && !typed.sent && typed.over !== version,
    leave: () => type(undefined),
    insist: () => type((old) => old && { ...old, over: version }),
    sent: () => type((old) => old && { ...old, sent: true }),
  };
}
