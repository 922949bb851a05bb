import { defineContract, type } from "@partyflare/shared";
import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Room } from "../room/room";
import { useCall } from "./use-call";
import { useEvent } from "./use-event";
import { useHistory } from "./use-history";
import { useLatest } from "./use-latest";
import { useRoom } from "./use-room";
import { useStatus } from "./use-status";

const chat = defineContract({
  fromServer: { said: type<string>() },
  calls: { count: { input: type<void>(), output: type<number>() } },
});

const rooms: Room<typeof chat>[] = [];

function Chat() {
  const room = useRoom<typeof chat>({ party: "chat", room: "lobby" });
  rooms.push(room);
  useEvent(room, "said", () => {});
  const { isPending } = useCall(room, "count");
  const { events, isLoading, hasMore } = useHistory(room, "said");
  const said = `${events.length} said, ${isLoading && !hasMore ? "loading" : "loaded"}`;
  return <p>{`${useStatus(room).state}, ${isPending ? "pending" : "idle"}, ${said}`}</p>;
}

function Disabled() {
  const room = useRoom<typeof chat>({ party: "chat", room: "", enabled: false });
  return <p>{`${useStatus(room).state}, ${useLatest(room, "said") ?? "nothing"}`}</p>;
}

describe("useRoom on a server", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    rooms.length = 0;
  });

  it("renders without a page, a host or a WebSocket, and connects to nothing", () => {
    const made = vi.fn();
    vi.stubGlobal("WebSocket", made);
    const error = vi.spyOn(console, "error");
    expect(renderToString(<Chat />)).toBe("<p>connecting, idle, 0 said, loading</p>");
    vi.stubGlobal("WebSocket", undefined);
    expect(renderToString(<Chat />)).toBe("<p>connecting, idle, 0 said, loading</p>");
    expect(made).not.toHaveBeenCalled();
    expect(error).not.toHaveBeenCalled();
  });

  it("renders a room that is not enabled as closed, and checks nothing of it", () => {
    const error = vi.spyOn(console, "error");
    expect(renderToString(<Disabled />)).toBe("<p>closed, nothing</p>");
    expect(error).not.toHaveBeenCalled();
  });

  it("shares nothing between two visitors, and leaves nothing running", () => {
    vi.stubGlobal("window", undefined);
    vi.useFakeTimers();
    renderToString(<Chat />);
    renderToString(<Chat />);
    expect(rooms[0]).not.toBe(rooms[1]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
