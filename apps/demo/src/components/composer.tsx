import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import { cleanText, MAX_TEXT_LENGTH } from "../../messages";
import type { ConnectionState } from "../chat/chat-state";
import { readTabText, writeTabText } from "../storage/stored-value";

/** From this many characters before the end on, the writer is told how many are left. */
const COUNTED_FROM = 200;

interface ComposerProps {
  room: string;
  connection: ConnectionState;
  onSay: (text: string) => void;
}

/** Where messages are written. What stands in it survives a reload, and any loss of connection. */
export function Composer({ room, connection, onSay }: ComposerProps) {
  const draftKey = `partyflare:draft:${room}`;
  const [draft, setDraft] = useState(() => readTabText(draftKey) ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();
  const hintId = useId();
  const left = MAX_TEXT_LENGTH - draft.length;
  const isLong = left <= COUNTED_FROM;
  const isOffline = connection === "reconnecting" || connection === "closed";
  const isUrgent = isLong || isOffline;

  const write = (text: string) => {
    setDraft(text);
    writeTabText(draftKey, text);
  };

  const submit = () => {
    const text = cleanText(draft);
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
          maxLength={MAX_TEXT_LENGTH}
          aria-describedby={hintId}
          value={draft}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="send-button" disabled={draft.trim() === ""}>
          <SendIcon />
          Send
        </button>
      </div>
      <p className="composer-hint" id={hintId} data-urgent={isUrgent || undefined}>
        {isLong ? `${left} characters left. ` : ""}
        {isOffline
          ? "You can go on writing: it is sent when the connection is back."
          : "Enter sends, Shift + Enter starts a new line."}
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
