import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Hook, recorded } from "../../test/recorded";
import { beginScript, endScript, enter, frame, greet } from "../../test/scripted";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

const HOOKS: Hook[] = ["onHello", "afterHello", "onFrame", "onLost", "onClosed", "onMissing"];

describe.each(HOOKS)("in %s, an app", (hook) => {
  it.each(["close", "reconnect"] as const)("may %s the room", async (action) => {
    const { room } = enter();
    let isArmed = true;
    const first = recorded(room, "first", {
      notesMissing: true,
      on: (current) => {
        if (current !== hook || !isArmed) return;
        isArmed = false;
        room[action]();
      },
    });
    const second = recorded(room, "second");
    const socket = await greet(hook === "onMissing" ? { second: 1 } : { first: 1, second: 1 });
    const wasGreeted = second.told.some(([name]) => name === "onHello");
    if (hook === "onFrame") socket.receive(`${frame("$first", 2)}\n${frame("$second", 2)}`);
    if (hook === "onLost") socket.end(1_006);
    if (hook === "onClosed") room.close();
    expect(isArmed).toBe(false);
    // Nothing of that connection reaches anybody any more.
    const hooks = second.told.map(([name]) => name);
    expect(hooks).not.toContain("onFrame");
    if (hook === "afterHello") expect(hooks).not.toContain("afterHello");
    expect(second.told.some(([name]) => name === "onLost")).toBe(wasGreeted);
    expect(socket.readyState).not.toBe(1);
    expect(room.status.state).toBe(action === "close" ? "closed" : "connecting");
    for (const { told } of [first, second]) told.length = 0;
    if (action === "close") room.reconnect();
    const next = await greet({ first: 3, second: 3 });
    next.receive(frame("$second", 4));
    expect(room.status.state).toBe("open");
    expect(first.told).toEqual([
      ["onHello", 3],
      ["afterHello", 3],
    ]);
    expect(second.told).toEqual([
      ["onHello", 3],
      ["afterHello", 3],
      ["onFrame", 4],
    ]);
  });
});

describe("in a listener of its status, an app", () => {
  it.each(["close", "reconnect"] as const)(
    "may %s the room, which has greeted its capabilities and opened for none",
    async (action) => {
      const { room } = enter();
      const notes = recorded(room, "notes");
      const stop = room.onStatus(({ state }) => {
        if (state !== "open") return;
        stop();
        room[action]();
      });
      await greet({ notes: 1 });
      const hooks = notes.told.map(([hook]) => hook);
      expect(hooks).toEqual(["onHello", "onLost", ...(action === "close" ? ["onClosed"] : [])]);
      room.reconnect();
      await greet({ notes: 2 });
      expect(notes.told.slice(hooks.length)).toEqual([
        ["onHello", 2],
        ["afterHello", 2],
      ]);
    },
  );
});
