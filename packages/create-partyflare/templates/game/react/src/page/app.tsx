import { browserKey } from "@partyflare/client";
import { useRoom, useShared, useStatus } from "@partyflare/client/react";
import { useState } from "react";
// Only types: the page's bundle has neither the contract nor zod.
import type { game } from "../worker/contract";
import { markOf } from "../worker/rules";
import { describe, roomName } from "./room";
import { squareLabel, standing } from "./texts";

/** One player in all tabs of this browser. */
const key = browserKey();

export function App() {
  const room = useRoom<typeof game>({ party: "game", room: roomName, key });
  const status = useStatus(room);
  const shared = useShared(room);
  const [problem, setProblem] = useState("");
  if (!shared) {
    return (
      <main>
        <header>
          <h1>Noughts and crosses</h1>
          <p role="status">{describe(status)}</p>
        </header>
      </main>
    );
  }

  const mine = markOf(shared, room.client ?? "");
  const { board, result, turn } = shared;

  /** Shows why the room has refused something. */
  function report(answer: Promise<void>) {
    setProblem("");
    answer.catch((error: Error) => setProblem(error.message));
  }

  return (
    <main>
      <header>
        <h1>Noughts and crosses</h1>
        <p role="status">{status.state === "open" ? standing(shared, mine) : describe(status)}</p>
      </header>
      <div className="board" role="group" aria-label="Board">
        {board.map((mark, square) => (
          <button
            key={square}
            aria-label={squareLabel(square, mark)}
            disabled={mark !== null || result !== null || turn !== mine}
            onClick={() => report(room.call("mark", { square }))}
          >
            {mark}
          </button>
        ))}
      </div>
      <p role="alert">{problem}</p>
      <div className="actions">
        {!mine && <button onClick={() => report(room.call("sit"))}>Take a seat</button>}
        {mine && result && <button onClick={() => report(room.call("restart"))}>Play again</button>}
      </div>
    </main>
  );
}
