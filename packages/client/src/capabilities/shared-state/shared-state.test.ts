import { beforeEach, describe, expect, it, vi } from "vitest";
import { EMPTY, patch, type Poll, SharedHost, snapshot } from "../../../test/shared-host";
import { sharedState } from "./shared-state";

let host: SharedHost;
beforeEach(() => (host = new SharedHost()));

/** The shared state, and each value and status that a listener was called with. */
function listened(initialValue?: Poll) {
  const poll = sharedState(host.room, { initialValue });
  const seen: [Poll, string][] = [];
  poll.subscribe((value) => seen.push([value as Poll, poll.status]));
  return { poll, seen };
}

describe("the shared state of a room", () => {
  it("is one object for a room", () => {
    expect(sharedState(host.room)).toBe(sharedState(host.room));
    expect(host.asked).toContain("shared");
    expect(() => sharedState({} as never)).toThrow(TypeError);
  });

  it("is undefined before the first snapshot", () => {
    const { poll, seen } = listened();
    expect([poll.value, poll.version, poll.status]).toEqual([undefined, undefined, "loading"]);
    expect(host.position).toBe("");
    host.lose();
    expect(poll.status).toBe("loading");
    expect(seen).toEqual([]);
  });

  it("comes with the hello, and changes with each patch", () => {
    const { poll, seen } = listened();
    host.hello(snapshot({ count: 1 }, 7));
    expect(poll.value).toEqual({ ...EMPTY, count: 1 });
    expect([poll.version, poll.status, host.position]).toEqual([7, "live", "run.7"]);
    host.send(patch(8, { set: [["votes", "ada", 2]] }));
    expect(poll.value).toEqual({ ...EMPTY, count: 1, votes: { ada: 2 } });
    expect([poll.version, poll.status, host.position]).toEqual([8, "live", "run.8"]);
    expect(seen.map(([value, status]) => [Object.keys(value.votes), status])).toEqual([
      [[], "live"],
      [["ada"], "live"],
    ]);
    expect(seen.at(-1)![0]).toBe(poll.value);
  });

  it("stays the same object, part by part, until it changes", () => {
    const { poll, seen } = listened();
    const tasks = [
      { id: "a", text: "A" },
      { id: "b", text: "B" },
    ];
    host.hello(snapshot({ votes: { ada: 1 }, tasks }));
    const before = poll.value!;
    host.send(patch(2, { set: [["votes", "ada", 1]], gone: [["votes", "nobody"]] }));
    host.send(snapshot({ votes: { ada: 1 }, tasks }, 3));
    expect(poll.value).toBe(before);
    expect(poll.version).toBe(3);
    expect(seen).toHaveLength(1);
    host.send(patch(4, { set: [["tasks", "b", { id: "b", text: "!" }, "a"]] }));
    expect(poll.value!.votes).toBe(before.votes);
    expect(poll.value!.tasks[0]).toBe(before.tasks[0]);
    expect(poll.value!.tasks[1]).toEqual({ id: "b", text: "!" });
    expect(before.tasks[1]).toEqual({ id: "b", text: "B" });
  });

  it("calls listeners once for each message, after all of it", () => {
    const { poll, seen } = listened();
    const other = vi.fn(() => {});
    const stop = poll.subscribe(other);
    host.hello(snapshot());
    host.send(
      patch(2, { set: [["count", 1]] }),
      patch(3, { set: [["count", 2]] }),
      patch(4, { set: [["phase", "closed"]] }),
    );
    expect(seen.map(([{ count, phase }]) => [count, phase])).toEqual([
      [0, "open"],
      [2, "closed"],
    ]);
    host.send(patch(5, { set: [["count", 9]] }), patch(6, { set: [["count", 2]] }));
    expect(seen).toHaveLength(2);
    expect(other).toHaveBeenCalledTimes(2);
    stop();
    host.send(patch(7, { set: [["count", 3]] }));
    expect([seen.length, other.mock.calls.length]).toEqual([3, 2]);
  });

  it("calls each listener with the newest value, also if an earlier one has changed it", () => {
    const poll = sharedState(host.room);
    const seen: number[] = [];
    host.hello(snapshot());
    poll.subscribe(({ count }) => {
      if (count === 1) host.send(patch(3, { set: [["count", 2]] }));
    });
    poll.subscribe(({ count }) => seen.push(count));
    host.send(patch(2, { set: [["count", 1]] }));
    expect(seen).toEqual([2]);
  });

  it("stays as it was while the client is disconnected, and says so", () => {
    const { poll, seen } = listened();
    host.hello(snapshot({ count: 1 }));
    const { value } = poll;
    host.lose();
    expect([poll.value, poll.version, poll.status]).toEqual([value, 1, "stale"]);
    expect(host.position).toBe("run.1");
    host.hello(patch(1));
    expect(poll.value).toBe(value);
    expect(poll.status).toBe("live");
    host.close();
    expect([poll.value, poll.status]).toEqual([value, "stale"]);
    expect(seen.map(([, status]) => status)).toEqual(["live", "stale", "live", "stale"]);
  });

  it("gets what has changed after a reconnect, or begins anew", () => {
    const { poll } = listened();
    host.hello(snapshot({ votes: { ada: 1, bob: 2 } }));
    host.lose();
    host.hello(patch(5, { gone: [["votes", "ada"]], set: [["count", 5]] }));
    expect(poll.value).toEqual({ ...EMPTY, votes: { bob: 2 }, count: 5 });
    host.lose();
    host.hello({ ...snapshot({ count: 1 }, 2), run: "next" });
    expect(poll.value).toEqual({ ...EMPTY, count: 1 });
    expect(host.position).toBe("next.2");
  });
});

describe("a change of several frames", () => {
  const more = { more: true };

  it("is applied with its last frame", () => {
    const { poll, seen } = listened();
    host.hello({ ...patch(3, { set: [["votes", {}]] }), reset: true, ...more });
    host.send({ ...patch(3, { set: [["votes", "ada", 1]] }), ...more });
    expect([poll.value, poll.version, poll.status]).toEqual([undefined, undefined, "loading"]);
    expect(host.position).toBe("");
    host.send(patch(3, { set: [["votes", "bob", 2]] }));
    expect(poll.value).toEqual({ votes: { ada: 1, bob: 2 } });
    expect([poll.version, poll.status, host.position]).toEqual([3, "live", "run.3"]);
    const before = poll.value;
    host.send({ ...patch(4, { set: [["votes", "ada", 3]] }), ...more });
    expect([poll.value, poll.version, poll.status]).toEqual([before, 3, "stale"]);
    host.send(patch(4, { gone: [["votes", "bob"]] }));
    expect(poll.value).toEqual({ votes: { ada: 3 } });
    expect(seen.map(([, status]) => status)).toEqual(["live", "stale", "live"]);
  });

  it("is no other status for listeners if its frames are one message", () => {
    const { seen } = listened();
    host.hello(snapshot());
    host.send({ ...patch(2, { set: [["count", 1]] }), ...more }, patch(2));
    expect(seen.map(([{ count }, status]) => [count, status])).toEqual([
      [0, "live"],
      [1, "live"],
    ]);
  });

  it("is dropped with its connection", () => {
    const { poll } = listened();
    host.hello(snapshot());
    host.send({ ...patch(2, { set: [["count", 1]] }), ...more });
    host.lose();
    host.hello(patch(3, { set: [["phase", "closed"]] }));
    expect(poll.value).toEqual({ ...EMPTY, phase: "closed" });
  });

  it("is dropped if the value begins anew in the middle of it", () => {
    const { poll } = listened();
    host.hello(snapshot({ count: 1 }));
    host.send({ ...patch(2, { set: [["extra", 1]] }), ...more });
    host.send({ ...snapshot({ votes: { ada: 1 } }, 3), ...more });
    host.send(patch(3, { set: [["phase", "closed"]] }));
    expect(poll.value).toEqual({ ...EMPTY, votes: { ada: 1 }, phase: "closed" });
  });
});

describe("an initial value", () => {
  const first: Poll = { ...EMPTY, votes: { ada: 1 } };

  it("is shown until the first snapshot, which shares with it", () => {
    const { poll, seen } = listened(first);
    expect([poll.value, poll.version, poll.status]).toEqual([first, undefined, "loading"]);
    expect(poll.value).toBe(first);
    expect(host.position).toBe("");
    host.hello(snapshot({ votes: { ada: 1 }, count: 2 }));
    expect(poll.value).toEqual({ ...first, count: 2 });
    expect(poll.value!.votes).toBe(first.votes);
    expect(seen).toHaveLength(1);
  });

  it("is the value itself if the snapshot is equal", () => {
    const { poll, seen } = listened(first);
    host.hello(snapshot(first));
    expect(poll.value).toBe(first);
    expect(seen).toEqual([[first, "live"]]);
  });

  it("is the first that was passed, and changes no value of the room", async () => {
    const { poll, seen } = listened();
    sharedState(host.room, { initialValue: first });
    sharedState(host.room, { initialValue: EMPTY });
    expect(poll.value).toBe(first);
    // Not at once: a component may pass it while it renders.
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual([[first, "loading"]]);
    host = new SharedHost();
    const late = listened();
    host.hello(snapshot());
    sharedState(host.room, { initialValue: first });
    expect(late.poll.value).toEqual(EMPTY);
    expect(late.seen).toHaveLength(1);
  });

  it("is no snapshot that a change could be for", () => {
    const { poll } = listened(first);
    host.hello(patch(2, { set: [["count", 1]] }));
    expect(host.errors).toMatchObject([{ code: "bad_frame" }]);
    expect([poll.value, poll.status]).toEqual([first, "loading"]);
  });
});
