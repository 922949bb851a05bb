import type { WireShared } from "@partyflare/shared/internal";
import { beforeEach, describe, expect, it } from "vitest";
import { EMPTY, patch, SharedHost, snapshot } from "../../../test/shared-host";
import { sharedState } from "./shared-state";

describe("a frame that cannot be read", () => {
  let host: SharedHost;
  beforeEach(() => (host = new SharedHost()));

  /** The shared state, and each status that a listener was called with. */
  const listened = () => {
    const poll = sharedState(host.room);
    const seen: string[] = [];
    poll.subscribe(() => seen.push(poll.status));
    return { poll, seen };
  };

  const BAD: unknown[] = [
    null,
    1,
    [],
    {},
    { version: "1", run: "run" },
    { version: 2 },
    { version: 2, run: "run", set: {} },
    { version: 2, run: "run", gone: "votes" },
    { version: 2, run: "run", more: 1 },
    patch(2, { set: [["votes", "ada"], ["count"]] as never }),
    patch(2, {
      set: [
        ["count", 1],
        ["__proto__", { isAdmin: true }],
      ],
    }),
    patch(2, {
      set: [
        ["count", 1],
        ["nobody", "a", 1],
      ],
    }),
  ];

  it.each(BAD)("is reported, and changes no value: %j", (frame) => {
    const { poll, seen } = listened();
    host.hello(snapshot());
    const { value } = poll;
    host.send(frame);
    expect(host.errors).toMatchObject([{ code: "bad_frame" }]);
    expect([poll.version, host.position]).toEqual([1, "run.1"]);
    expect(poll.value).toBe(value);
    // What the room has changed is unknown until the next connection.
    expect(poll.status).toBe("stale");
    host.send(patch(3, { set: [["phase", "closed"]] }));
    expect(host.errors).toHaveLength(1);
    expect(poll.value).toBe(value);
    host.lose();
    host.hello(patch(3, { set: [["phase", "closed"]] }));
    expect(poll.value).toEqual({ ...EMPTY, phase: "closed" });
    expect(seen).toEqual(["live", "stale", "live"]);
  });

  it.each(BAD)("is no hello: %j", (frame) => {
    const { poll } = listened();
    host.hello(frame);
    host.send(patch(3, { set: [["count", 1]] }));
    expect(host.errors).toMatchObject([{ code: "bad_frame" }]);
    expect([poll.value, poll.version, poll.status]).toEqual([undefined, undefined, "loading"]);
  });

  it("takes the other frames of its change with it", () => {
    const { poll } = listened();
    host.hello(snapshot());
    const frames: WireShared[] = [
      patch(2, { set: [["count", 1]], more: true }),
      patch(2, { set: [["nobody", "a", 1]], more: true }),
      patch(2, { set: [["phase", "closed"]] }),
    ];
    host.send(...frames);
    expect(host.errors).toMatchObject([{ code: "bad_frame" }]);
    expect(poll.value).toEqual(EMPTY);
    expect(poll.version).toBe(1);
  });
});
