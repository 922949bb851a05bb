import { browserKey, sharedState } from "@partyflare/client";
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
  if (!shared) {
    return (
      <main>
        <header>
          <h1>Poll</h1>
          <p role="status">{describe(status)}</p>
        </header>
      </main>
    );
  }

  const { question, options, isOpen, host, votes } = shared;
  const me = room.client ?? "";
  const all = Object.values(votes);
  const problem = vote.error ?? close.error;

  /** The vote shows at once, also while the connection is lost. */
  function choose(option: string) {
    void sharedState(room).optimistic(vote.call({ option }), (before) => ({
      ...before,
      votes: { ...before.votes, [me]: option },
    }));
  }

  return (
    <main>
      <header>
        <h1>{question}</h1>
        <p role="status">
          {describe(status)}, {size} here{!isOpen && ". The poll is closed."}
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
              onClick={() => choose(option)}
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
