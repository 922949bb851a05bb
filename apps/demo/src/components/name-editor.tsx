import type { Room } from "@partyflare/client";
import { useCall } from "@partyflare/client/react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { chat, Person } from "../../contract";
import { MAX_NAME_LENGTH } from "../../limits";
import { reasonOf } from "../chat/refusal";
import { Avatar } from "./avatar";

interface NameEditorProps {
  room: Room<typeof chat>;
  you: Person;
  /** Called with the new name when the room has accepted it. */
  onRenamed: (name: string) => void;
}

/** This visitor's name, with an editor for it. */
export function NameEditor({ room, you, onRenamed }: NameEditorProps) {
  const { call: rename, isPending, error, reset } = useCall(room, "rename");
  /** The text in the editor; null while the editor is closed. */
  const [draft, setDraft] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const fieldId = useId();
  const errorId = useId();
  const titleId = useId();
  const isEditing = draft !== null;

  // The focused element disappears on opening and closing, so its replacement gets the focus.
  useEffect(() => {
    if (isEditing) field.current?.select();
    else if (wasEditing.current) editButton.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);

  const onTaken = ({ name }: { name: string }) => {
    onRenamed(name);
    setDraft(null);
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    rename({ name: draft ?? "" }).then(onTaken, () => field.current?.focus());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // Escape would close the surrounding dialog too. This event closes only the editor.
    event.preventDefault();
    reset();
    setDraft(null);
  };

  return (
    <section className="panel-section" aria-labelledby={titleId}>
      <h2 id={titleId}>You</h2>
      {isEditing ? (
        <form className="inline-form" onSubmit={onSubmit}>
          <label htmlFor={fieldId}>Your name</label>
          <div className="inline-form-row">
            <input
              ref={field}
              id={fieldId}
              className="text-field"
              autoComplete="nickname"
              maxLength={MAX_NAME_LENGTH}
              value={draft}
              aria-invalid={error !== undefined}
              aria-describedby={errorId}
              onChange={(event) => setDraft(event.target.value)}
              onKeyDown={onKeyDown}
            />
            <button type="submit" className="button primary">
              {isPending ? "Saving…" : "Save"}
            </button>
          </div>
          {error && (
            <p id={errorId} className="field-error" role="alert">
              {reasonOf(error)}
            </p>
          )}
        </form>
      ) : (
        <div className="person you">
          <Avatar name={you.name} person={you.id} />
          <bdi className="person-name">{you.name}</bdi>
          <button
            ref={editButton}
            type="button"
            className="button quiet"
            onClick={() => setDraft(you.name)}
          >
            Change<span className="visually-hidden"> name</span>
          </button>
        </div>
      )}
    </section>
  );
}
