import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  askedOf,
  beginScript,
  comeBack,
  endScript,
  enter,
  frame,
  framesTo,
  greet,
} from "../../../test/scripted";
import { ScriptedSocket } from "../../../test/scripted-socket";
import { EMPTY, patch, type poll as contract, snapshot } from "../../../test/shared-host";
import { Room } from "../../room/room";
import { sharedState } from "./shared-state";

describe("shared state in a room", () => {
  beforeEach(beginScript);
  afterEach(() => expect(endScript()).toBe(0));

  const ONCE = { once: { calls: ["add"], since: "e.0" } };
  const begin = () => {
    const room = enter().room as unknown as Room<typeof contract>;
    const poll = sharedState(room);
    const counts: (number | string)[] = [];
    poll.subscribe(({ count }) => counts.push(count));
    return { room, poll, counts };
  };
  const shared = (payload: unknown) => frame("$shared", payload);
  /** The calls that the client has sent, in the end of the task. */
  const callsTo = async (socket: Parameters<typeof framesTo>[0]) => {
    await Promise.resolve();
    return framesTo(socket).filter((text) => text.startsWith('["$call"'));
  };
  const increment = <Value extends { count: number }>(value: Value): Value => ({
    ...value,
    count: value.count + 1,
  });

  it("is asked for by the upgrade, with the client's position after a reconnect", async () => {
    const { poll, counts } = begin();
    const socket = await greet({ shared: snapshot({ count: 1 }, 4) });
    expect(askedOf("shared")).toBe("");
    expect(counts).toEqual([1]);
    expect([poll.value, poll.status]).toEqual([{ ...EMPTY, count: 1 }, "live"]);
    socket.receive(shared({ ...patch(9, { set: [["count", 2]] }), more: true }));
    socket.end(1_006);
    expect(poll.status).toBe("stale");
    await comeBack({ shared: patch(6, { set: [["count", 3]] }) });
    expect(askedOf("shared")).toBe("run.4");
    expect([poll.value, poll.version, poll.status]).toEqual([{ ...EMPTY, count: 3 }, 6, "live"]);
    expect(framesTo(socket)).toEqual([]);
  });

  it("subscribes to an open room, and is answered in a frame", async () => {
    const { room } = enter();
    const socket = await greet();
    const poll = sharedState(room as unknown as Room<typeof contract>);
    expect(framesTo(socket)).toEqual([frame("$with", "shared", "")]);
    socket.receive(shared(snapshot({ count: 2 })));
    socket.receive(shared(patch(2, { set: [["count", 3]] })));
    expect(poll.value).toEqual({ ...EMPTY, count: 3 });
  });

  it("has a call's change before its caller continues, and shows no count twice", async () => {
    const { room, poll, counts } = begin();
    const socket = await greet({ shared: snapshot() });
    const seen: unknown[] = [];
    room.on("said", () => seen.push(poll.value!.count));
    const first = room.call("add").then((answer) => seen.push([answer, poll.value!.count]));
    const second = poll.optimistic(room.call("add"), increment);
    void second.then((answer) => seen.push([answer, poll.value!.count]));
    expect(await callsTo(socket)).toHaveLength(2);
    socket.receive(
      [
        shared(patch(2, { set: [["count", 1]] })),
        frame("$reply", 0, 1),
        shared(patch(3, { set: [["count", 2]] })),
        frame("$reply", 1, 2),
        frame("said", "hi"),
      ].join("\n"),
    );
    await Promise.all([first, second]);
    expect(counts).toEqual([0, 1, 2]);
    expect(seen).toEqual([2, [1, 2], [2, 2]]);
  });

  it("ends a change with the refusal of its call, before its caller continues", async () => {
    const { room, poll, counts } = begin();
    const socket = await greet({ shared: snapshot() });
    const refused = poll.optimistic(room.call("add"), increment).catch(() => poll.value!.count);
    await callsTo(socket);
    socket.receive(frame("$fail", 0, { code: "invalid", message: "" }));
    expect(counts).toEqual([0, 1, 0]);
    expect(await refused).toBe(0);
  });

  it("ends the changes of all calls that a lost connection, a timeout or a signal ends", async () => {
    const { room, poll, counts } = begin();
    const socket = await greet({ shared: snapshot() });
    const abort = new AbortController();
    const failures: unknown[] = [];
    const add = (options?: Parameters<typeof room.call<"add">>[2]) =>
      poll
        .optimistic(room.call("add", undefined, options), increment)
        .catch(({ code }: { code: string }) => failures.push(code));
    const calls = [add({ timeoutMs: 5 }), add({ signal: abort.signal }), add(), add()];
    expect(poll.value!.count).toBe(4);
    await callsTo(socket);
    await vi.advanceTimersByTimeAsync(5);
    expect(poll.value!.count).toBe(3);
    abort.abort();
    expect(poll.value!.count).toBe(2);
    room.onStatus(({ state }) => counts.push(state));
    socket.end(1_006);
    await Promise.all(calls);
    expect(failures).toEqual(["timeout", "aborted", "disconnected", "disconnected"]);
    // The listener is called once, and sees the new status of the room.
    expect(counts).toEqual([0, 1, 2, 3, 4, 3, 2, "waiting", 0]);
  });

  it("keeps the change of a call that happens once over a reconnect", async () => {
    const { room, poll, counts } = begin();
    const socket = await greet({ ...ONCE, shared: snapshot() });
    void poll.optimistic(room.call("add"), increment);
    expect(await callsTo(socket)).toHaveLength(1);
    socket.end(1_006);
    expect([poll.value!.count, poll.status]).toEqual([1, "stale"]);
    const next = await comeBack({ ...ONCE, shared: patch(1) });
    expect(await callsTo(next)).toHaveLength(1);
    expect([poll.value!.count, poll.status]).toEqual([1, "live"]);
    const answer = [shared(patch(2, { set: [["count", 1]] })), frame("$reply", 0, 1)];
    next.receive(answer.join("\n"));
    expect(poll.value!.count).toBe(1);
    expect(new Set(counts)).toEqual(new Set([0, 1]));
  });

  it("does not hide the failure of a call that nobody listens to", async () => {
    const { room, poll } = begin();
    const socket = await greet({ shared: snapshot() });
    const promise = room.call("add");
    const then = vi.spyOn(promise, "then");
    void poll.optimistic(promise, increment);
    expect(then).not.toHaveBeenCalled();
    await callsTo(socket);
    socket.receive(frame("$reply", 0, 1));
    await promise;
    // The call is over: its promise has to tell.
    void poll.optimistic(promise, increment);
    expect(poll.value!.count).toBe(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(poll.value!.count).toBe(0);
  });

  it("calls listeners once for each message, after its events", async () => {
    const { room, poll, counts } = begin();
    const socket = await greet({ shared: snapshot() });
    room.on("said", () => counts.push(`said ${poll.value!.count}`));
    socket.receive(
      [
        shared(patch(2, { set: [["count", 1]] })),
        frame("said", "hi"),
        shared(patch(3, { set: [["count", 2]] })),
      ].join("\n"),
    );
    expect(counts).toEqual([0, "said 1", 2]);
  });

  it("takes a listener that closes the room, or changes the value, in the middle of it", async () => {
    const { room, poll, counts } = begin();
    const socket = await greet({ shared: snapshot() });
    poll.subscribe(({ count }) => {
      if (count === 1) room.close();
    });
    room.on("said", () => void poll.optimistic(room.call("add"), increment).catch(() => {}));
    socket.receive(
      [frame("said", "hi"), shared(patch(2, { set: [["phase", "closed"]] }))].join("\n"),
    );
    expect(room.status.state).toBe("closed");
    expect(poll.value).toEqual({ ...EMPTY, phase: "closed" });
    expect(poll.status).toBe("stale");
    expect(counts).toEqual([0, 1, 0]);
    room.reconnect();
    await greet({ shared: patch(3, { set: [["count", 5]] }) });
    expect(poll.value!.count).toBe(5);
  });

  it("ends the changes of a room that is closed before it has connected, all at once", () => {
    const where = { host: "localhost", party: "poll", room: "lobby", WebSocket: ScriptedSocket };
    const room = new Room<typeof contract>(where, { startClosed: true });
    const poll = sharedState(room, { initialValue: EMPTY });
    for (const call of [room.call("add"), room.call("add")]) {
      void poll.optimistic(call, increment).catch(() => {});
    }
    const counts: number[] = [];
    poll.subscribe(({ count }) => counts.push(count));
    room.close();
    expect(counts).toEqual([0]);
  });

  it("ends both changes of one call at once", async () => {
    const { room, poll, counts } = begin();
    await greet({ shared: snapshot() });
    const abort = new AbortController();
    const call = room.call("add", undefined, { signal: abort.signal });
    void poll.optimistic(poll.optimistic(call, increment), increment).catch(() => {});
    abort.abort();
    expect(counts).toEqual([0, 1, 2, 0]);
  });

  it("reports a frame that cannot be read, and the room stays open", async () => {
    const { room, poll } = begin();
    const onError = vi.fn(() => {});
    room.onError(onError);
    const socket = await greet({ shared: snapshot() });
    socket.receive(shared({ version: 2, run: "run", set: [["a"]] }));
    socket.receive(frame("$shared"));
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: "bad_frame" }), undefined],
    ]);
    expect([poll.value, poll.status]).toEqual([EMPTY, "stale"]);
    expect(room.status.state).toBe("open");
  });

  it("warns in development if the party has none", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { poll } = begin();
    await greet();
    expect(warn.mock.calls).toEqual([
      ["sharedState(room) does nothing: its party has no sharedState()."],
    ]);
    expect([poll.value, poll.status]).toEqual([undefined, "loading"]);
  });

  it("is not asked for by a client that does not use it", async () => {
    enter();
    await greet();
    expect(askedOf("shared")).toBeNull();
  });
});
