import { browserKey } from "@partyflare/client";
import { usePresence, useRoom, useStatus } from "@partyflare/client/react";
import type { CSSProperties } from "react";
// Only types: the page's bundle has neither the contract nor zod.
import type { cursors } from "../worker/contract";
import { placeOf } from "./place";
import { describe, roomName } from "./room";

/** One person in all tabs of this browser. */
const key = browserKey();

export function App() {
  const room = useRoom<typeof cursors>({ party: "cursors", room: roomName, key });
  const status = useStatus(room);
  const { me, others, size, set } = usePresence(room, { initial: { cursor: null } });
  return (
    <main className="page">
      <header>
        <h1>{roomName}</h1>
        <p role="status">
          {describe(status)}, {size} here
        </p>
      </header>
      <section
        className="board"
        aria-label="Board"
        onPointerMove={(event) => set({ cursor: placeOf(event, event.currentTarget) })}
        onPointerLeave={() => set({ cursor: null })}
      >
        <p>You are {me?.info.name ?? "not here yet"}. Open a second browser, and move here.</p>
        {others.map(({ key, info, presence }) => {
          if (!presence?.cursor) return null;
          const { x, y } = presence.cursor;
          const style = { "--x": x, "--y": y, "--hue": info.hue } as CSSProperties;
          return (
            <div key={key} className="cursor" style={style}>
              <span>{info.name}</span>
            </div>
          );
        })}
      </section>
    </main>
  );
}
