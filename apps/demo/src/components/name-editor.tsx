import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { cleanName, MAX_NAME_LENGTH } from "../../messages";
import { Avatar } from "./avatar";

interface NameEditorProps {
  name: string;
  /** This visitor's id, which gives the avatar its colour. */
  person: string;
  onRename: (name: string) => void;
}

/** This visitor's name, and a way to change it. */
export function NameEditor({ name, person, onRename }: NameEditorProps) {
  /** What is being typed; null while nothing is. */
  const [draft, setDraft] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const fieldId = useId();
  const titleId = useId();
  const isEditing = draft !== null;

  // The focused element disappears both ways: the one that takes its place gets the focus.
  useEffect(() => {
    if (isEditing) field.current?.select();
    else if (wasEditing.current) editButton.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const next = cleanName(draft ?? "");
    if (next !== "") onRename(next);
    setDraft(null);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // Escape closes the dialog around it, too: one step at a time.
    event.preventDefault();
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
              onChange={(event) => setDraft(event.target.value)}
              onKeyDown={onKeyDown}
            />
            <button type="submit" className="button primary">
              Save
            </button>
          </div>
        </form>
      ) : (
        <div className="person you">
          <Avatar name={name} person={person} />
          <bdi className="person-name">{name}</bdi>
          <button
            ref={editButton}
            type="button"
            className="button quiet"
            onClick={() => setDraft(name)}
          >
            Change<span className="visually-hidden"> name</span>
          </button>
        </div>
      )}
    </section>
  );
}
