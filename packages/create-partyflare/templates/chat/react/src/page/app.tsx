import { browserKey, type Room } from "@partyflare/client";
import { useHistory, usePresence, useRoom, useStatus } from "@partyflare/client/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
// Only types: the page's bundle has neither the contract nor zod.
import type { chat } from "../worker/contract";
import { keepName, ownName } from "./own-name";
import { describe, roomName } from "./room";

/** One person in all tabs of this browser. */
const key = browserKey();

export function App() {
  const room = useRoom<typeof chat>({
    party: "chat",
    room: roomName,
    key,
    query: () => ({ name: ownName() }),
  });
  const status = useStatus(room);
  const { members } = usePresence(room);
  const [problem, setProblem] = useState("");

  async function say(text: string) {
    await room.call("say", { text });
  }

  async function rename(text: string) {
    const { name } = await room.call("rename", { name: text });
    keepName(name);
  }

  /** Shows why the room has refused something. */
  function shown(action: (text: string) => Promise<void>) {
    return (text: string) => {
      setProblem("");
      action(text).catch((error: Error) => setProblem(error.message));
    };
  }

  return (
    <main className="chat">
      <header>
        <h1>{roomName}</h1>
        <p role="status">{describe(status)}</p>
      </header>
      <p className="people">Here: {members.map(({ info }) => info.name).join(", ")}</p>
      <Lines room={room} />
      <p role="alert">{problem}</p>
      <div className="forms">
        <Field label="Message" maxLength={500} button="Send" onText={shown(say)} />
        <Field label="Your name" maxLength={40} button="Rename" onText={shown(rename)} />
      </div>
    </main>
  );
}

/** The lines of the room. It loads the last 50, and adds each new one. */
function Lines({ room }: { room: Room<typeof chat> }) {
  const { events, hasMore, loadMore } = useHistory(room, "said", { limit: 50 });
  const end = useRef<HTMLLIElement>(null);
  const last = events.at(-1)?.offset;
  useEffect(() => {
    if (last !== undefined) end.current?.scrollIntoView();
  }, [last]);
  return (
    <ol className="lines" aria-label="Messages" aria-live="polite" tabIndex={0}>
      {hasMore && (
        <li>
          <button onClick={loadMore}>Earlier</button>
        </li>
      )}
      {events.map(({ offset, data }) => (
        <li key={offset} ref={offset === last ? end : undefined}>
          <b>{data.by}</b> {data.text}
        </li>
      ))}
    </ol>
  );
}

interface FieldProps {
  label: string;
  button: string;
  maxLength: number;
  onText: (text: string) => void;
}

/** A form with one field of text. */
function Field({ label, button, maxLength, onText }: FieldProps) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get("text");
    if (typeof text === "string") onText(text);
    event.currentTarget.reset();
  }
  return (
    <form onSubmit={submit}>
      <input name="text" aria-label={label} placeholder={label} maxLength={maxLength} required />
      <button>{button}</button>
    </form>
  );
}
