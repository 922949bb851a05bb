import { browserKey } from "@partyflare/client";
import { useCall, usePresence, useRoom, useShared, useStatus } from "@partyflare/client/react";
import type { CSSProperties } from "react";
// Only types: the page's bundle has neither the contract nor zod.
import type { poll } from "../worker/contract";
import { describe, roomName } from "./room";

/** One person, and one vote, in all tabs of this browser. */
const key = browserKey();

export function App() {
  const room = useRoom<typeof poll>({ party: "poll", room: roomName, key });
  const status = useStatus(room);
  const { size } = usePresence(room);
  const shared = useShared(room);
  const vote = useCall(room, "vote");
  const close = useCall(room, "close");
  if (!shared) return <main role="status">{describe(status)}</main>;

  const { question, options, isOpen, host, votes } = shared;
  const me = room.client ?? "";
  const all = Object.values(votes);
  const problem = vote.error ?? close.error;
  return (
    <main>
      <header>
        <h1>{question}</h1>
        <p role="status">
          {isOpen ? describe(status) : "The poll is closed"}, {size} here
        </p>
      </header>
      <div className="options">
        {options.map((option) => {
          const count = all.filter((each) => each === option).length;
          const style = { "--share": `${(100 * count) / Math.max(1, all.length)}%` };
          return (
            <button
              key={option}
              style={style as CSSProperties}
              aria-pressed={votes[me] === option}
              disabled={!isOpen}
              onClick={() => void vote.call({ option })}
            >
              <span>{option}</span> <span>{count}</span>
            </button>
          );
        })}
      </div>
      <p role="alert">{problem?.message}</p>
      {host === me && isOpen && (
        <button className="close" onClick={() => void close.call()}>
          Close the poll
        </button>
      )}
    </main>
  );
}
