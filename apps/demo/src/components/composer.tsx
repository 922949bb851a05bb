import { type FormEvent, type KeyboardEvent, useId, useRef } from "react";
import { MAX_TEXT_LENGTH } from "../../limits";
import type { Draft } from "../chat/use-draft";

/** The page shows the number of characters left from this many before the limit. */
const COUNTED_FROM = 200;

/**
 * The limit of the field itself. A visitor can paste a text that is too long and shorten it. The
 * limit keeps the message small enough that the room does not close the connection.
 */
const MAX_DRAFT_LENGTH = 10 * MAX_TEXT_LENGTH;

const HINTS = {
  open: "Enter sends, Shift + Enter starts a new line.",
  lost: "Write on: it is sent when the connection is back.",
  closed: "Nothing is sent before you are connected again.",
};

interface ComposerProps {
  draft: Draft;
  /** Whether a new message is sent now (`open`), waits (`lost`), or cannot be sent (`closed`). */
  connection: "open" | "lost" | "closed";
  onSay: (text: string) => void;
  /** Called with every text that the visitor writes, and with empty text once it is sent. */
  onWrite: (text: string) => void;
}

/** The field for messages. If the room refuses a message, its text returns here with the reason. */
export function Composer({ draft, connection, onSay, onWrite }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();
  const hintId = useId();
  const errorId = useId();
  const left = MAX_TEXT_LENGTH - draft.text.length;
  const isLong = left <= COUNTED_FROM;

  const write = (text: string) => {
    draft.write(text);
    onWrite(text);
  };

  const submit = () => {
    const text = draft.text.trim();
    field.current?.focus();
    if (text === "") return;
    onSay(text);
    write("");
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter chooses a word while an input method composes it (Japanese, Chinese, …).
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form className="composer" onSubmit={onSubmit}>
      <div className="composer-row">
        <label className="visually-hidden" htmlFor={fieldId}>
          Message
        </label>
        <textarea
          ref={field}
          id={fieldId}
          rows={1}
          placeholder="Write a message"
          autoComplete="off"
          enterKeyHint="send"
          dir="auto"
          maxLength={MAX_DRAFT_LENGTH}
          aria-invalid={draft.error !== null}
          aria-describedby={`${errorId} ${hintId}`}
          value={draft.text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="send-button" disabled={draft.text.trim() === ""}>
          <SendIcon />
          Send
        </button>
      </div>
      {draft.error !== null && (
        <p id={errorId} className="composer-hint field-error" role="alert" data-urgent>
          Not sent: {draft.error}
        </p>
      )}
      <p
        className="composer-hint"
        id={hintId}
        data-urgent={isLong || connection !== "open" || undefined}
      >
        {isLong && (left < 0 ? `${-left} over the limit. ` : `${left} characters left. `)}
        {HINTS[connection]}
      </p>
    </form>
  );
}

function SendIcon() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path d="M3 3.5 17.5 10 3 16.5l1.7-5.2L11 10 4.7 8.7 3 3.5Z" fill="currentColor" />
    </svg>
  );
}
