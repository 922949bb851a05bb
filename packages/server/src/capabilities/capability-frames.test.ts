import { PartyError } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { describeSeamRooms } from "../../test/rooms";
import { join, received } from "../../test/seam-client";
import type { MakeCapability } from "../../test/seam-party";

const PATIENCE = { timeout: 60_000 };

/** Answers each frame with its payload, some of them later. */
const echo: MakeCapability = (host) => ({
  onFrame(connection, payload) {
    const answer = () => host.send([connection], () => ({ payload }));
    if (!isLate(payload)) return answer();
    return scheduler.wait(20).then(answer);
  },
});

function isLate(payload: unknown): boolean {
  return typeof payload === "string" && payload.startsWith("late");
}

describeSeamRooms("a capability's frame", (open) => {
  it("reaches it, and what it sends reaches its client", async () => {
    const ada = await join(open({ first: echo }), "ada", { first: "" });
    const payloads = ["text", 5, null, [], { deep: [{ er: true }] }, false];
    for (const payload of payloads) {
      await ada.socket.sendFrame("$first", payload);
      expect(await ada.frame()).toEqual(["$first", { payload }]);
    }
    await ada.socket.sendFrame("$first");
    expect(await ada.frame()).toEqual(["$first", {}]);
  });

  it("is handled in its place among all others of its connection, however long it takes", async () => {
    const room = open({
      first: echo,
      say: (party, { id }, data) => party.emit("passing", data, { to: [id] }),
    });
    const ada = await join(room, "ada", { first: "" });
    const bob = await join(room, "bob", { first: "" });
    ada.socket.sendAll([
      '["$first","late 1"]',
      '["say","2"]\n["$first","late 3"]\n["$first","4"]',
      '["$call",5,"unknown"]',
    ]);
    await bob.socket.sendFrame("$first", "at once");
    expect(await bob.frame()).toEqual(["$first", { payload: "at once" }]);
    expect(await ada.frames(5)).toMatchObject([
      ["$first", { payload: "late 1" }],
      ["passing", "2"],
      ["$first", { payload: "late 3" }],
      ["$first", { payload: "4" }],
      ["$fail", 5, { code: "unknown_call" }],
    ]);
  });

  it.each(["at once", "late"])(
    "that is refused by a PartyError, %s, tells the client",
    async (when) => {
      const errors: unknown[] = [];
      const room = open({
        first: () => ({
          onFrame() {
            const refused = new PartyError("invalid", { message: "Not so.", data: { n: 1 } });
            if (when === "late") return Promise.reject(refused);
            throw refused;
          },
        }),
        onError: (_party, error) => void errors.push(error),
      });
      const ada = await join(room, "ada", { first: "" });
      await ada.socket.sendFrame("$first", 1);
      expect(await received(ada)).toEqual([
        ["$error", { code: "invalid", message: "Not so.", data: { n: 1 }, event: "$first" }],
      ]);
      expect(errors).toEqual([]);
    },
  );

  it.each(["at once", "late"])("that fails, %s, is the room's own error", async (when) => {
    const errors: unknown[] = [];
    const room = open({
      first: () => ({
        onFrame() {
          const failure = new Error("a secret");
          if (when === "late") return Promise.reject(failure);
          throw failure;
        },
      }),
      onError: (_party, error, { connection, ...context }) =>
        void errors.push([String(error), connection?.id, context]),
    });
    const ada = await join(room, "ada", { first: "" });
    await ada.socket.sendFrame("$first", 1);
    const frames = await received(ada);
    expect(frames).toMatchObject([["$error", { code: "internal", event: "$first" }]]);
    expect(JSON.stringify(frames)).not.toContain("secret");
    expect(errors).toEqual([["Error: a secret", "ada", { during: "capability", name: "first" }]]);
  });

  it.each([
    ["of a capability that takes none", "$second"],
    ["that belongs to no capability", "$nobody"],
    ["with a name that objects inherit", "$constructor"],
    ["with the name of a prototype", "$__proto__"],
    ["with no name", "$"],
    ["of the room's own", "$hello"],
    ["of the history", "$history"],
  ])("%s is refused by name, and five in a row end the connection", async (_what, name) => {
    const ada = await join(open({ first: echo }), "ada", { second: "", history: "" });
    ada.socket.sendAll(Array.from({ length: 5 }, () => JSON.stringify([name, { set: 1 }])));
    const message = `The room has no "${name.slice(1)}".`;
    const error = ["$error", { code: "unknown_frame", message, event: name }];
    expect(await ada.frames(5)).toEqual([error, error, error, error, error]);
    expect(await ada.socket.closed()).toMatchObject({ code: 4400 });
  });

  it("of a client that has not subscribed is refused, and its capability never sees it", async () => {
    const onFrame = vi.fn<() => void>();
    const ada = await join(open({ first: () => ({ onFrame }) }), "ada");
    await ada.socket.sendFrame("$first", 1);
    expect(await received(ada)).toMatchObject([
      ["$error", { code: "bad_frame", message: 'Not subscribed to "first".', event: "$first" }],
    ]);
    expect(onFrame).not.toHaveBeenCalled();
    await ada.socket.sendFrame("$with", "first");
    await ada.socket.sendFrame("$first", 1);
    expect(await received(ada)).toEqual([["$first", {}]]);
    expect(onFrame).toHaveBeenCalledOnce();
  });

  it("that nests too deeply is no frame, and one that nests as deeply as may be is", async () => {
    const onFrame = vi.fn<() => void>();
    const ada = await join(open({ first: () => ({ onFrame }) }), "ada", { first: "" });
    const nested = (depth: number) => `["$first",${"[".repeat(depth)}${"]".repeat(depth)}]`;
    await ada.socket.send(nested(10_000));
    expect(await received(ada)).toMatchObject([["$error", { code: "bad_frame" }]]);
    expect(onFrame).not.toHaveBeenCalled();
    await ada.socket.send(nested(63));
    expect(await received(ada)).toEqual([]);
    expect(onFrame).toHaveBeenCalledOnce();
  });

  it("with __proto__ in it is no frame, and with other names that objects inherit is one", async () => {
    const seen: unknown[] = [];
    const room = open({
      first: () => ({
        onFrame(connection, payload) {
          seen.push(payload);
          connection.data.keep("constructor", payload);
        },
      }),
    });
    const ada = await join(room, "ada", { first: "" });
    await ada.socket.send('["$first",{"__proto__":{"isAdmin":true}}]');
    expect(await received(ada)).toMatchObject([["$error", { code: "bad_frame" }]]);
    await ada.socket.send('["$first",{"constructor":{"prototype":1},"toString":2}]');
    expect(await received(ada)).toEqual([]);
    expect(seen).toEqual([{ constructor: { prototype: 1 }, toString: 2 }]);
    await ada.socket.sendFrame("$with", "second");
    expect(await received(ada)).toEqual([["$second", {}]]);
  });

  it("may be as large as any frame, and one that is larger ends its connection", async () => {
    const lengths: number[] = [];
    const room = open({
      first: () => ({
        onFrame: (_connection, payload) => void lengths.push(String(payload).length),
      }),
    });
    const ada = await join(room, "ada", { first: "" });
    const rest = '["$first",""]'.length;
    await ada.socket.sendFrame("$first", "x".repeat(1_048_576 - rest));
    expect(await received(ada)).toEqual([]);
    await ada.socket.sendFrame("$first", "x".repeat(1_048_577 - rest));
    expect(await ada.socket.closed()).toMatchObject({ code: 4413 });
    expect(lengths).toEqual([1_048_576 - rest]);
  });

  it("with a name of 1 MB is refused by an error that is little larger", async () => {
    const ada = await join(open(), "ada");
    await ada.socket.sendFrame("$with", "x".repeat(1_000_000));
    const [, error] = await ada.frame();
    expect(error).toMatchObject({ code: "unknown_frame" });
    expect(JSON.stringify(error).length).toBeLessThan(1_000_300);
  });

  it("that its party closes the connection in is not answered any more", async () => {
    const log: string[] = [];
    const room = open({
      first: (host) => ({
        onFrame(connection) {
          host.runHook(() => connection.close(4001));
          host.send([connection], () => "never");
        },
      }),
      onClose: (_party, { id }) => void log.push(id),
    });
    const ada = await join(room, "ada", { first: "" });
    ada.socket.sendAll(['["$first"]', '["$first"]']);
    expect(await ada.socket.closed()).toMatchObject({ code: 4001 });
    await vi.waitFor(() => expect(log).toEqual(["ada"]), PATIENCE);
    expect(ada.socket.received.join()).not.toContain("never");
  });
});
