// Dialogs: the browser's own, which keeps the focus and hears Escape.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { useDoing } from "../use";
import { Button, Fault } from "./basics";

export function Dialog(props: {
  title: string;
  children: ComponentChildren;
  onClose: () => void;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        props.onClose();
      }}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/**
 * Asked before something is done that others would notice: says what it will
 * do, and does it.  A failure stays in the dialog.
 */
export function Confirm(props: {
  title: string;
  /** What it will do, in full. */
  does: ComponentChildren;
  /** On the button: the deed, "Cancel the migration". */
  confirm: string;
  danger?: boolean;
  onYes: () => Promise<unknown>;
  /** Closed, whether it was done or not. */
  onClose: () => void;
}) {
  const doing = useDoing();
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div>{props.does}</div>
      {doing.problem && <Fault problem={doing.problem} />}
      <div class="actions">
        <Button
          kind={props.danger ? "danger" : "main"}
          busy={doing.busy}
          onClick={async () => {
            if (await doing.run(props.onYes)) props.onClose();
          }}
        >
          {props.confirm}
        </Button>
        <Button onClick={props.onClose}>Leave it as it is</Button>
      </div>
    </Dialog>
  );
}
