import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recorded } from "../../test/recorded";
import type { chat } from "../../test/rooms";
import { beginScript, endScript, enter, frame, greet } from "../../test/scripted";
import type { Room } from "./room";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

/** A room with a capability, and what happens in it. */
async function begin(onFrame: (payload: unknown) => void = () => {}) {
  const room = enter().room as unknown as Room<typeof chat>;
  const notes = recorded(room, "notes", {
    on: (hook, payload) => {
      if (hook === "onFrame") onFrame(payload);
      else steps.push(hook);
    },
  });
  const steps: string[] = [];
  const socket = await greet({ notes: 1 });
  steps.length = 0;
  return { room, notes, steps, socket };
}

describe("what a capability does after a message", () => {
  it("runs once, after all frames of the message", async () => {
    const { room, notes, steps, socket } = await begin((payload) => {
      steps.push(`frame ${String(payload)}`);
      notes.host.afterMessage(run);
    });
    const run = () => steps.push("after");
    room.on("said", ({ text }) => steps.push(text));
    const message = [frame("$notes", 1), frame("$notes", 2), frame("said", { text: "hi" })];
    socket.receive(message.join("\n"));
    expect(steps).toEqual(["frame 1", "frame 2", "hi", "after"]);
    socket.receive(frame("$notes", 3));
    expect(steps.slice(4)).toEqual(["frame 3", "after"]);
  });

  it("runs at once between messages", async () => {
    const { notes, steps } = await begin();
    notes.host.afterMessage(() => steps.push("after"));
    expect(steps).toEqual(["after"]);
  });

  it("runs at once for what another one does after the message", async () => {
    const { notes, steps, socket } = await begin(() => {
      notes.host.afterMessage(() => {
        steps.push("first");
        notes.host.afterMessage(() => steps.push("its own"));
      });
      notes.host.afterMessage(() => steps.push("second"));
    });
    socket.receive(frame("$notes", 1));
    expect(steps).toEqual(["first", "its own", "second"]);
  });

  it("runs after the listeners of a status, also where a message closes the room", async () => {
    const { room, notes, steps, socket } = await begin(() => {
      notes.host.afterMessage(() => steps.push("after"));
      room.close();
    });
    room.onStatus(({ state }) => steps.push(state));
    socket.receive(frame("$notes", 1));
    expect(steps).toEqual(["onLost", "onClosed", "closed", "after"]);
  });

  it("runs after a loss", async () => {
    const { room, notes, steps, socket } = await begin();
    const call = room.call("count").catch(() => steps.push("caught"));
    notes.host.whenSettled(Promise.resolve(), () => {});
    room.onStatus(({ state }) => {
      notes.host.afterMessage(() => steps.push("after"));
      steps.push(state);
    });
    await Promise.resolve();
    socket.end(1_006);
    await call;
    expect(steps).toEqual(["onLost", "waiting", "after", "caught"]);
  });

  it("still runs after a capability has failed at the end of a call", async () => {
    const { room, notes, steps } = await begin();
    const failure = new TypeError("of the capability");
    notes.host.whenSettled(room.call("count", undefined, { timeoutMs: 5 }), () => {
      throw failure;
    });
    expect(() => vi.advanceTimersByTime(5)).toThrow(failure);
    notes.host.afterMessage(() => steps.push("after"));
    expect(steps).toEqual(["after"]);
  });
});

describe("what a capability does when a call settles", () => {
  it("runs when the answer is read, before all that waits for the promise", async () => {
    const { room, notes, steps, socket } = await begin();
    const answered = room.call("count");
    const refused = room.call("count");
    void answered.then(() => steps.push("answered"));
    void refused.catch(() => steps.push("refused"));
    notes.host.whenSettled(answered, () => {
      steps.push("first");
      notes.host.afterMessage(() => steps.push("after"));
    });
    notes.host.whenSettled(answered, () => steps.push("second"));
    notes.host.whenSettled(refused, () => steps.push("third"));
    room.on("said", () => steps.push("said"));
    await Promise.resolve();
    const message = [
      frame("$reply", 0, 1),
      frame("$fail", 1, { code: "internal", message: "" }),
      frame("said", { text: "hi" }),
    ];
    socket.receive(message.join("\n"));
    expect(steps).toEqual(["first", "second", "third", "said", "after"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(steps.slice(5)).toEqual(["answered", "refused"]);
  });

  it("runs once, at once, when a call fails without an answer", async () => {
    const { room, notes, steps } = await begin();
    const abort = new AbortController();
    const calls = [
      room.call("count", undefined, { signal: abort.signal }),
      room.call("count", undefined, { timeoutMs: 5 }),
      room.call("count"),
    ];
    for (const [at, call] of calls.entries()) {
      call.catch(() => {});
      notes.host.whenSettled(call, () => steps.push(`end ${at}`));
    }
    abort.abort();
    expect(steps).toEqual(["end 0"]);
    await vi.advanceTimersByTimeAsync(5);
    expect(steps).toEqual(["end 0", "end 1"]);
    room.close();
    expect(steps).toEqual(["end 0", "end 1", "end 2", "onLost", "onClosed"]);
  });

  it("runs when any other promise settles, and that of a call that is over", async () => {
    const { room, notes, steps, socket } = await begin();
    const call = room.call("count");
    await Promise.resolve();
    socket.receive(frame("$reply", 0, 1));
    const aborted = room.call("count", undefined, { signal: AbortSignal.abort() });
    aborted.catch(() => {});
    notes.host.whenSettled(call, () => steps.push("over"));
    notes.host.whenSettled(aborted, () => steps.push("aborted"));
    notes.host.whenSettled(Promise.reject(new Error("no")), () => steps.push("rejected"));
    notes.host.whenSettled(Promise.resolve(), () => steps.push("resolved"));
    expect(steps).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(steps.toSorted()).toEqual(["aborted", "over", "rejected", "resolved"]);
  });
});
