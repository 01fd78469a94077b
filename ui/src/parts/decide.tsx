// What is decided with a yes about something that was seen: the change names
// that version, so what somebody else has made of it meanwhile stays as it is.
import { del, patch, patchSeen } from "../api";
import { Confirm } from "./dialog";
import { toast } from "./toast";

export interface Decision {
  title: string;
  /** What it will do, in full. */
  does: string;
  /** On the button: the deed, "Disable the contact". */
  confirm: string;
  danger?: boolean;
  /** What is changed of it; without it, it is removed. */
  wish?: object;
  /** Once it is done. */
  said: string;
  /** What takes it back; without it, it cannot be. */
  undo?: object;
}

export function Decide(props: {
  /** Below /api/v1: what it is about. */
  path: string;
  /** Of what was seen. */
  version: string | undefined;
  decision: Decision;
  /** After the change, and after it was taken back. */
  onDone: () => void;
  onClose: () => void;
}) {
  const { path, version } = props;
  const { wish, said, undo, ...words } = props.decision;
  return (
    <Confirm
      {...words}
      onYes={async () => {
        if (wish === undefined) await del(path, { version });
        const now = wish && (await patchSeen(path, wish, version));
        props.onDone();
        // what somebody else has changed since is not taken back with it
        toast(
          said,
          undo &&
            (() => patch(path, undo, { version: now }).then(props.onDone)),
        );
      }}
      onClose={props.onClose}
    />
  );
}
