import { type FormEvent, type KeyboardEvent, useId, useRef } from "react";
import { MAX_TEXT_LENGTH } from "../../limits";
import type { Draft } from "../chat/use-draft";

/** From this many characters before the end on, the writer is told how many are left. */
const COUNTED_FROM = 200;

/**
 * What the field itself takes. Something too long can be pasted, and shortened by its writer; but
 * it never makes a message so large that the room would close the connection over it.
 */
const MAX_DRAFT_LENGTH = 10 * MAX_TEXT_LENGTH;

const HINTS = {
  open: "Enter sends, Shift + Enter starts a new line.",
  lost: "Write on: it is sent when the connection is back.",
  closed: "Nothing is sent before you are connected again.",
};

interface ComposerProps {
  draft: Draft;
  /** Whether what is said now has to wait, or cannot be sent: the connection is closed for good. */
  connection: "open" | "lost" | "closed";
  onSay: (text: string) => void;
}

/** Where messages are written. What the room refuses comes back to it, with the reason. */
export function Composer({ draft, connection, onSay }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();
  const hintId = useId();
  const errorId = useId();
  const left = MAX_TEXT_LENGTH - draft.text.length;
  const isLong = left <= COUNTED_FROM;

  const submit = () => {
    const text = draft.text.trim();
    field.current?.focus();
    if (text === "") return;
    onSay(text);
    draft.write("");
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed (Japanese, Chinese, …), Enter chooses it.
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
          onChange={(event) => draft.write(event.target.value)}
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
