import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { platform } from "../../test/platform";
import { ScriptedSocket } from "../../test/scripted-socket";

/** An EventTarget like those of Workers and of happy-dom: it calls the handlers in properties. */
class CallingTarget extends EventTarget {
  override dispatchEvent(event: Event): boolean {
    const handler: unknown = Reflect.get(this, `on${event.type}`);
    if (typeof handler === "function") handler.call(this, event);
    return super.dispatchEvent(event);
  }
}

const targets = [
  { name: "the platform's EventTarget", Target: EventTarget },
  { name: "one that calls handlers in properties", Target: CallingTarget },
];

// Workers and happy-dom have one of the second sort.
describe.each(targets.slice(0, platform === "node" ? 2 : 1))(
  "a PartySocket on $name",
  ({ Target }) => {
    beforeEach(() => {
      vi.useFakeTimers();
      ScriptedSocket.made.length = 0;
      vi.stubGlobal("EventTarget", Target);
      vi.resetModules();
    });
    afterEach(() => {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    });

    it("dispatches each event once, and counts each failure once", async () => {
      const { PartySocket } = await import("./party-socket");
      const where = { host: "localhost", party: "chat", room: "lobby", WebSocket: ScriptedSocket };
      const socket = new PartySocket(where);
      const heard: string[] = [];
      for (const type of ["open", "message", "close", "error"] as const) {
        socket.addEventListener(type, () => heard.push(`listener ${type}`));
        Object.assign(socket, { [`on${type}`]: () => heard.push(`handler ${type}`) });
      }
      await vi.advanceTimersByTimeAsync(2);
      const [scripted] = ScriptedSocket.made;
      scripted!.open();
      scripted!.receive("hello");
      scripted!.dispatchEvent(new Event("error"));
      expect(heard.toSorted()).toEqual([
        "handler close",
        "handler error",
        "handler message",
        "handler open",
        "listener close",
        "listener error",
        "listener message",
        "listener open",
      ]);
      expect(socket.retryCount).toBe(1);
      socket.close();
    });
  },
);
