import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { usePartySocket } from "./use-party-socket";

function Room() {
  const socket = usePartySocket({ party: "chat", room: "lobby" });
  return <p>{socket.readyState === socket.CLOSED ? "not connected" : "connected"}</p>;
}

describe("usePartySocket on a server", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("renders without a page, a host or a WebSocket, and connects to nothing", () => {
    vi.stubGlobal("WebSocket", undefined);
    const error = vi.spyOn(console, "error");
    expect(renderToString(<Room />)).toBe("<p>not connected</p>");
    expect(error).not.toHaveBeenCalled();
  });
});
