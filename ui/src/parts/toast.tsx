// What was just done, said in a corner, with the way to take it back.
import { useEffect, useState } from "preact/hooks";

import { Problem } from "../api";
import { Button } from "./basics";

/** Why it could not be taken back. */
function reason(cause: unknown): string {
  if (cause instanceof Problem && cause.slug === "changed")
    return "somebody has changed it since";
  return cause instanceof Error ? cause.message : String(cause);
}

interface Note {
  id: number;
  text: string;
  undo: (() => Promise<unknown>) | undefined;
}

/** Long enough to read it and to reach the button. */
const SHOWN_MS = 10_000;

let last = 0;
let notes: Note[] = [];
let draw: (() => void) | undefined;

function drop(id: number): void {
  notes = notes.filter((n) => n.id !== id);
  draw?.();
}

/** Say it; undo is offered with it where it can be. */
export function toast(text: string, undo?: () => Promise<unknown>): void {
  const id = ++last;
  notes = [...notes.slice(-2), { id, text, undo }];
  draw?.();
  setTimeout(() => drop(id), SHOWN_MS);
}

/** Where they are shown; once in the app. */
export function Toasts() {
  const [, set] = useState(0);
  useEffect(() => {
    draw = () => set((n) => n + 1);
    return () => {
      draw = undefined;
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {notes.map((note) => (
        <div key={note.id} class="toast">
          <span>{note.text}</span>
          {note.undo && (
            <Button
              onClick={() => {
                const undo = note.undo;
                drop(note.id);
                undo?.().then(
                  () => toast("Taken back."),
                  (cause: unknown) =>
                    toast(`It could not be taken back: ${reason(cause)}`),
                );
              }}
            >
              Undo
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}
