import type { Immutable } from "@partyflare/shared";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EMPTY, patch, type Poll, SharedHost, snapshot } from "../../../test/shared-host";
import { sharedState } from "./shared-state";

type Value = Immutable<Poll>;

const increment = (value: Value): Value => ({ ...value, count: value.count + 1 });
const vote =
  (by: string, choice = 1) =>
  (value: Value): Value => ({ ...value, votes: { ...value.votes, [by]: choice } });

describe("an optimistic change", () => {
  let host: SharedHost;
  const reported: unknown[] = [];
  beforeEach(() => {
    host = new SharedHost();
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    reported.length = 0;
  });
  afterEach(() => vi.unstubAllGlobals());
  /** The shared state after its first snapshot, and each count that a listener was called with. */
  const begin = (value: Partial<Poll> = {}) => {
    const poll = sharedState(host.room);
    host.hello(snapshot(value));
    const counts: number[] = [];
    poll.subscribe(({ count }) => counts.push(count));
    return { poll, counts };
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  it("is shown at once, and returns its promise", () => {
    const { poll, counts } = begin();
    const { promise } = host.call();
    expect(poll.optimistic(promise, increment)).toBe(promise);
    expect([poll.value!.count, poll.version]).toEqual([1, 1]);
    expect(counts).toEqual([1]);
    expect(host.position).toBe("run.1");
  });

  it("disappears if its call is refused, before the caller continues", async () => {
    const { poll, counts } = begin();
    const before = poll.value;
    const call = host.call();
    const caught = poll.optimistic(call.promise, increment).catch(() => poll.value);
    call.fail();
    expect(poll.value).toBe(before);
    expect(counts).toEqual([1, 0]);
    expect(await caught).toBe(before);
    host.send(patch(2, { set: [["phase", "closed"]] }));
    expect(poll.value).toEqual({ ...EMPTY, phase: "closed" });
  });

  it("is never counted twice, and is the same object once it is confirmed", async () => {
    const { poll, counts } = begin();
    const call = host.call();
    const answered = poll.optimistic(call.promise, increment).then(() => poll.value);
    const shown = poll.value;
    host.message(() => {
      host.send(patch(2, { set: [["count", 1]] }));
      call.reply();
    });
    expect(poll.value).toBe(shown);
    expect(poll.version).toBe(2);
    expect(counts).toEqual([1]);
    expect(await answered).toBe(shown);
    host.send(patch(3, { set: [["votes", "ada", 1]] }));
    expect(poll.value!.tasks).toBe(shown!.tasks);
  });

  it("is the room's own value if the room decides otherwise", () => {
    const { poll, counts } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, increment);
    host.message(() => {
      host.send(patch(2, { set: [["count", 7]] }));
      call.reply();
    });
    expect(poll.value!.count).toBe(7);
    expect(counts).toEqual([1, 7]);
  });

  it("is applied again on top of the changes of others", () => {
    const { poll, counts } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, (value) => increment(vote("me")(value)));
    host.send(patch(2, { set: [["count", 5]] }));
    expect(poll.value).toEqual({ ...EMPTY, count: 6, votes: { me: 1 } });
    const { votes } = poll.value!;
    host.send(patch(3, { set: [["count", 6]] }));
    expect(poll.value!.votes).toBe(votes);
    host.send(patch(4, { set: [["votes", "ada", 2]] }));
    expect(poll.value!.votes).toEqual({ ada: 2, me: 1 });
    host.message(() => {
      host.send(patch(5, { set: [["count", 7]] }), patch(6, { set: [["votes", "me", 1]] }));
      call.reply();
    });
    expect(poll.value).toEqual({ ...EMPTY, count: 7, votes: { ada: 2, me: 1 } });
    expect(counts).toEqual([1, 6, 7, 7]);
  });

  it("is one of several, in their order", () => {
    const { poll, counts } = begin();
    const calls = [host.call(), host.call(), host.call()] as const;
    void poll.optimistic(calls[0].promise, increment);
    void poll.optimistic(calls[1].promise, (value) => ({ ...value, count: value.count * 10 }));
    void poll.optimistic(calls[2].promise, increment);
    expect(poll.value!.count).toBe(11);
    calls[1].fail();
    expect(poll.value!.count).toBe(2);
    host.message(() => {
      host.send(patch(2, { set: [["count", 1]] }));
      calls[0].reply();
    });
    expect(poll.value!.count).toBe(2);
    host.message(() => {
      host.send(patch(3, { set: [["count", 2]] }));
      calls[2].reply();
    });
    expect(poll.value!.count).toBe(2);
    expect(counts).toEqual([1, 10, 11, 2]);
  });

  it("may be one of two for one call, which end together", () => {
    const { poll, counts } = begin();
    const call = host.call();
    void poll.optimistic(poll.optimistic(call.promise, increment), increment);
    expect(poll.value!.count).toBe(2);
    call.fail();
    expect(counts).toEqual([1, 2, 0]);
  });

  it("is dropped and reported if it throws, also at a later change", () => {
    const { poll, counts } = begin({ votes: { ada: 1 } });
    const failure = new TypeError("of the app");
    const { promise } = host.call();
    const throwing = () => {
      throw failure;
    };
    expect(poll.optimistic(promise, throwing)).toBe(promise);
    expect(poll.value!.count).toBe(0);
    expect(reported).toEqual([failure]);
    void poll.optimistic(host.call().promise, (value) => {
      if (value.count > 1) throw failure;
      return increment(value);
    });
    void poll.optimistic(host.call().promise, vote("me"));
    host.send(patch(2, { set: [["count", 1]] }));
    expect(poll.value!.count).toBe(2);
    host.send(patch(3, { set: [["count", 2]] }));
    expect(poll.value).toEqual({ ...EMPTY, count: 2, votes: { ada: 1, me: 1 } });
    host.send(patch(4, { set: [["count", 0]] }));
    expect(poll.value!.count).toBe(0);
    expect(reported).toEqual([failure, failure]);
    expect(counts).toEqual([1, 1, 2, 0]);
  });

  it("is refused, and shown nowhere, without a promise or without a value", () => {
    const { poll } = begin();
    expect(() => poll.optimistic(undefined as never, increment)).toThrow(TypeError);
    expect(poll.value!.count).toBe(0);
    void poll.optimistic(host.call().promise, (() => {}) as never);
    expect(poll.value!.count).toBe(0);
    expect(reported).toMatchObject([{ message: expect.stringContaining("no value") }]);
  });

  it("is skipped while there is no value, not even an initial one", async () => {
    const poll = sharedState(host.room);
    const [early, answered] = [host.call(), host.call()];
    const update = vi.fn(increment);
    void poll.optimistic(early.promise, update);
    void poll.optimistic(answered.promise, update);
    answered.reply();
    expect(poll.value).toBeUndefined();
    expect(update).not.toHaveBeenCalled();
    host.hello(snapshot({ count: 4 }));
    expect(poll.value!.count).toBe(5);
    early.fail();
    expect(poll.value!.count).toBe(4);
    host = new SharedHost();
    const initial = sharedState(host.room, { initialValue: EMPTY });
    void initial.optimistic(host.call().promise, increment);
    expect([initial.value!.count, initial.version]).toEqual([1, undefined]);
  });

  it("stays over a reconnect until its call is answered", () => {
    const { poll } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, vote("me"));
    host.lose();
    expect(poll.value!.votes).toEqual({ me: 1 });
    host.hello(patch(3, { set: [["votes", "ada", 2]] }));
    expect(poll.value!.votes).toEqual({ ada: 2, me: 1 });
    call.reply();
    // The room has answered, and not changed it.
    expect(poll.value!.votes).toEqual({ ada: 2 });
  });

  it("ends with its call if the connection is lost", () => {
    const { poll, counts } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, increment);
    host.message(() => {
      call.fail();
      host.lose();
    });
    expect(poll.value!.count).toBe(0);
    expect(counts).toEqual([1, 0]);
  });

  it("stays while the change that confirms it is not complete", () => {
    const { poll, counts } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, increment);
    host.message(() => {
      host.send(patch(2, { set: [["count", 1]], more: true }));
      call.reply();
    });
    expect(poll.value!.count).toBe(1);
    host.send(patch(2));
    expect(poll.value!.count).toBe(1);
    expect(new Set(counts)).toEqual(new Set([1]));
    const second = host.call();
    void poll.optimistic(second.promise, increment);
    host.send(patch(3, { set: [["count", 2]], more: true }));
    second.reply();
    host.lose();
    // The room has answered: its change comes with the next connection.
    expect(poll.value!.count).toBe(2);
    host.hello(patch(3, { set: [["count", 2]] }));
    expect(poll.value!.count).toBe(2);
  });

  it("is counted twice after a reconnect until its call is answered, if the room has made it", () => {
    const { poll } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, increment);
    host.lose();
    host.hello(patch(2, { set: [["count", 1]] }));
    expect([poll.value!.count, poll.status]).toEqual([2, "live"]);
    call.reply();
    expect(poll.value!.count).toBe(1);
  });

  it("disappears if its call is refused, also before an incomplete change of the room", () => {
    const { poll } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, increment).catch(() => {});
    host.message(() => {
      host.send(patch(2, { set: [["phase", "closed"]], more: true }));
      call.fail();
    });
    host.lose();
    expect(poll.value!.count).toBe(0);
  });

  it("that throws does not keep the room's value of a later connection away", () => {
    const { poll } = begin();
    const call = host.call();
    void poll.optimistic(call.promise, () => {
      throw new Error("app");
    });
    expect(poll.value!.count).toBe(0);
    host.lose();
    host.hello(patch(2, { set: [["count", 5]] }));
    call.reply();
    expect([poll.value, poll.version, poll.status]).toEqual([{ ...EMPTY, count: 5 }, 2, "live"]);
  });

  it("ends when another promise settles", async () => {
    const { poll, counts } = begin();
    void poll.optimistic(Promise.resolve(), increment);
    const failed = poll.optimistic(Promise.reject(new Error("no")), increment);
    expect(poll.value!.count).toBe(2);
    await expect(failed).rejects.toThrow("no");
    await settled();
    expect(poll.value!.count).toBe(0);
    const answered = host.call();
    answered.reply();
    void poll.optimistic(answered.promise, increment);
    expect(poll.value!.count).toBe(1);
    await settled();
    expect(poll.value!.count).toBe(0);
    expect(counts.slice(0, 2)).toEqual([1, 2]);
    expect(counts.at(-1)).toBe(0);
  });

  it("runs its function only when the value has changed", () => {
    const { poll } = begin();
    const update = vi.fn(increment);
    void poll.optimistic(host.call().promise, update);
    expect([poll.value, poll.value]).toHaveLength(2);
    expect(update).toHaveBeenCalledTimes(1);
    host.send(patch(2, { set: [["count", 1]] }), patch(3, { set: [["count", 2]] }));
    expect(poll.value!.count).toBe(3);
    expect(update).toHaveBeenCalledTimes(2);
  });
});
