import type { RoomStatus } from "@partyflare/client";
import { useId } from "react";
import { CUT_MS } from "../../limits";
import type { Chat } from "../chat/use-chat";

/** Cuts the connection, for whoever wants to see that nothing is missed by it. */
export function ConnectionCutter({ room, status }: Pick<Chat, "room" | "status">) {
  const titleId = useId();
  const hintId = useId();
  const isLost = status.state === "waiting" || status.state === "closed";
  return (
    <section className="panel-section" aria-labelledby={titleId}>
      <h2 id={titleId}>Your connection</h2>
      <button
        type="button"
        className="button"
        aria-describedby={hintId}
        onClick={() => (isLost ? room.reconnect() : room.emit("cut"))}
      >
        {isLost ? "Connect now" : `Cut it for ${CUT_MS / 1_000} seconds`}
      </button>
      <p id={hintId} className="panel-hint">
        {hintOf(status)}
      </p>
    </section>
  );
}

function hintOf(status: RoomStatus): string {
  if (status.state === "waiting" && status.error.code === "cut") {
    return "Cut. It comes back by itself; what you write until then is sent then, and once.";
  }
  return "What others say meanwhile is here when it is back. Nothing is missed, or comes twice.";
}
