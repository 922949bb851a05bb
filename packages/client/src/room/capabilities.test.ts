import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Behaviour, type Hook, recorded, type Recorded } from "../../test/recorded";
import {
  askedOf,
  beginScript,
  comeBack,
  endScript,
  enter,
  frame,
  framesTo,
  greet,
  sockets,
  turn,
} from "../../test/scripted";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

/** When a capability may be used first, and whether the upgrade asks for it then. */
const MOMENTS: [string, (behaviour: Behaviour) => Promise<[Recorded, isInUrl: boolean]>][] = [
  [
    "before the first attempt",
    async (behaviour) => [recorded(enter().room, "notes", behaviour), true],
  ],
  [
    "in a closed room, which reconnects",
    async (behaviour) => {
      const { room } = enter();
      room.close();
      const notes = recorded(room, "notes", behaviour);
      room.reconnect();
      return [notes, true];
    },
  ],
  [
    "while an attempt waits for its token",
    async (behaviour) => {
      let answer = (_token: string) => {};
      const token = vi.fn(async () => "token");
      token.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
      const { room } = enter({ token });
      await turn();
      const notes = recorded(room, "notes", behaviour);
      answer("token");
      return [notes, true];
    },
  ],
  [
    "while it connects, when the URL is made",
    async (behaviour) => {
      const { room } = enter();
      await turn();
      return [recorded(room, "notes", behaviour), false];
    },
  ],
  [
    "when the socket is open, before the hello",
    async (behaviour) => {
      const { room } = enter();
      await turn();
      sockets.at(-1)!.open();
      return [recorded(room, "notes", behaviour), false];
    },
  ],
  [
    "while it is open",
    async (behaviour) => {
      const { room } = enter();
      await greet();
      return [recorded(room, "notes", behaviour), false];
    },
  ],
  [
    "while it waits for the next attempt",
    async (behaviour) => {
      const { room } = enter();
      (await greet()).end(1_006);
      const notes = recorded(room, "notes", behaviour);
      await vi.advanceTimersByTimeAsync(30_000);
      return [notes, true];
    },
  ],
];

describe.each(MOMENTS)("a capability that is used %s", (_when, begin) => {
  it("is asked for once, greeted once on each connection, and told of each loss", async () => {
    let asks = "first";
    const [notes, isInUrl] = await begin({ asks: () => asks });
    const isOpen = sockets.at(-1)?.readyState === 1 && framesTo(sockets.at(-1)!).length > 0;
    const socket = isOpen ? sockets.at(-1)! : await greet(isInUrl ? { notes: 1 } : {});
    expect(askedOf("notes")).toBe(isInUrl ? "first" : null);
    const subscription = frame("$with", "notes", "first");
    expect(framesTo(socket)).toEqual(isInUrl ? [] : [subscription]);
    expect(notes.host.isReady).toBe(isInUrl);
    if (!isInUrl) socket.receive(frame("$notes", 1));
    expect(notes.told).toEqual([
      ["onHello", 1],
      ["afterHello", 1],
    ]);
    socket.receive(frame("$notes", 2));
    asks = "second";
    socket.end(1_006);
    expect(notes.told.slice(2)).toEqual([["onFrame", 2], ["onLost"]]);
    expect(notes.host.isReady).toBe(false);
    const next = await comeBack({ notes: 3 });
    expect(askedOf("notes")).toBe("second");
    expect(framesTo(next)).toEqual([]);
    expect(notes.told.slice(4)).toEqual([
      ["onHello", 3],
      ["afterHello", 3],
    ]);
  });
});

describe("a room's capabilities", () => {
  it("are one for a name, and of rooms alone", async () => {
    const { room } = enter();
    expect(recorded(room, "notes")).toBe(recorded(room, "notes"));
    expect(recorded(room, "others")).not.toBe(recorded(room, "notes"));
    expect(recorded(enter().room, "notes")).not.toBe(recorded(room, "notes"));
    expect(() => recorded({}, "notes")).toThrow(/notes\(room\) takes a room/);
    await turn();
  });

  it("may ask for nothing more, and cannot be replaced by the app's query", async () => {
    const { room } = enter({ query: { "partyflare.notes": "theirs", "partyflare.x": "theirs" } });
    recorded(room, "notes");
    await turn();
    expect(askedOf("notes")).toBe("");
    expect(askedOf("x")).toBe("theirs");
    expect(askedOf("history")).toBe("");
    expect(askedOf("once")).toBe("");
  });

  it("are greeted in the order of their use, before the queue leaves and the room is open", async () => {
    const { room, statuses } = enter();
    room.sendText("waited");
    const order: unknown[] = [];
    const on = (name: string) => (hook: Hook) => {
      order.push([name, hook, statuses.length, framesTo(sockets[0]!).length]);
    };
    recorded(room, "late", { on: on("late") });
    recorded(room, "early", { on: on("early") });
    await greet({ early: 1, late: 1 });
    expect(order).toEqual([
      ["late", "onHello", 0, 0],
      ["early", "onHello", 0, 0],
      ["late", "afterHello", 1, 1],
      ["early", "afterHello", 1, 1],
    ]);
  });

  it("get their own frames, and none before the hello", async () => {
    const { room } = enter();
    const [notes, others] = [recorded(room, "notes"), recorded(room, "others")];
    await turn();
    sockets[0]!.open();
    sockets[0]!.receive(frame("$notes", 0));
    const socket = await greet({ notes: 1, others: 1, unused: 1 });
    for (const name of ["notes", "others", "unused", "constructor", "__proto__"]) {
      socket.receive(frame(`$${name}`, name));
    }
    const hello = [
      ["onHello", 1],
      ["afterHello", 1],
    ];
    expect(notes.told).toEqual([...hello, ["onFrame", "notes"]]);
    expect(others.told).toEqual([...hello, ["onFrame", "others"]]);
  });

  it("send what they send with the rest of the task, once the room has greeted them", async () => {
    const { room } = enter();
    const notes = recorded(room, "notes");
    expect(notes.host.send(1)).toBe("dropped");
    const socket = await greet({ notes: 1 });
    expect(notes.host.send({ a: 1 })).toBe("sent");
    room.sendText("said");
    await turn();
    expect(socket.sent).toEqual([`${frame("$notes", { a: 1 })}\n${frame("$text", "said")}`]);
    const lacking = recorded(room, "lacking");
    expect(lacking.host.send(1)).toBe("dropped");
    socket.bufferedAmount = 2 ** 21;
    expect(notes.host.send(2)).toBe("dropped");
    socket.bufferedAmount = 0;
    socket.end(1_006);
    expect(notes.host.send(3)).toBe("dropped");
    await comeBack({ notes: 1 });
    expect(framesTo(sockets.at(-1)!)).toEqual([]);
  });

  it("subscribe at once over a busy network, where a full queue drops events", async () => {
    const { room } = enter({ queue: { maxMessages: 0 } });
    const socket = await greet();
    socket.bufferedAmount = 2 ** 21;
    recorded(room, "notes");
    expect(framesTo(socket)).toEqual([frame("$with", "notes", "")]);
  });

  it("know the client's id, make calls, and report errors", async () => {
    const { room } = enter({ id: "ada" });
    const { host } = recorded(room, "notes");
    expect(host.id).toBe("ada");
    const socket = await greet({ notes: 1 });
    const answer = host.call("$notes", { page: 2 });
    expect(framesTo(socket)).toEqual([frame("$call", 0, "$notes", { page: 2 })]);
    socket.receive(frame("$reply", 0, "page"));
    expect(await answer).toBe("page");
  });

  it("are closed with the room, after the loss, also where it was never open", async () => {
    const { room } = enter();
    const notes = recorded(room, "notes");
    room.close();
    expect(notes.told.splice(0)).toEqual([["onClosed"]]);
    room.close();
    expect(notes.told).toEqual([]);
    room.reconnect();
    await greet({ notes: 1 });
    notes.told.length = 0;
    room.close();
    expect(notes.told).toEqual([["onLost"], ["onClosed"]]);
  });

  it("are not told of a loss where they were not greeted", async () => {
    const { room } = enter();
    const notes = recorded(room, "notes", { notesMissing: true });
    await turn();
    sockets[0]!.end(1_006);
    (await comeBack()).end(1_006);
    expect(notes.told).toEqual([["onMissing"]]);
  });
});

describe("a capability that the room does not have", () => {
  const warned = () => vi.spyOn(console, "warn").mockImplementation(() => {});

  it("is warned about once, in development", async () => {
    const warn = warned();
    recorded(enter().room, "notes");
    (await greet()).end(1_006);
    await comeBack();
    expect(warn.mock.calls).toEqual([[expect.stringContaining("notes(room)")]]);
  });

  it("is not warned about on a public host, nor where it takes note itself", async () => {
    const warn = warned();
    recorded(enter({ host: "example.com" }).room, "notes");
    await greet();
    recorded(enter().room, "notes", { notesMissing: true });
    await greet();
    expect(warn).not.toHaveBeenCalled();
  });

  it("is not warned about where the app does not use it, and the room has it", async () => {
    const warn = warned();
    enter();
    const socket = await greet({ presence: {} });
    socket.receive(frame("$presence", {}));
    expect(warn).not.toHaveBeenCalled();
  });

  it("is told of as an error where the room is open already", async () => {
    const { room } = enter();
    const failed = vi.fn();
    room.onError(failed);
    const socket = await greet();
    const notes = recorded(room, "notes");
    socket.receive(frame("$error", { code: "unknown_frame", message: "No notes." }));
    expect(failed.mock.calls).toEqual([
      [expect.objectContaining({ code: "unknown_frame", message: "No notes." }), undefined],
    ]);
    expect(notes.told).toEqual([]);
  });
});

describe("a part of a hello that nobody can read", () => {
  it.each([
    { history: "nonsense" },
    { history: { epoch: "e", offset: "1", tag: "t" } },
    { once: null },
    { once: { calls: "count", since: "e.0" } },
  ])("is reported, and the room is open all the same: %j", async (parts) => {
    const { room } = enter();
    const [failed, recovered] = [vi.fn(), vi.fn()];
    room.onError(failed);
    room.onRecovery(recovered);
    const notes = recorded(room, "notes");
    const socket = await greet({ ...parts, notes: 1 });
    expect(failed.mock.calls).toEqual([
      [expect.objectContaining({ code: "bad_frame" }), undefined],
    ]);
    expect(room.status.state).toBe("open");
    expect(notes.told).toHaveLength(2);
    expect(recovered).not.toHaveBeenCalled();
    socket.receive(frame("$history", []));
    socket.receive(frame("$once", []));
    expect(failed).toHaveBeenCalledTimes(3);
    expect(room.status.state).toBe("open");
  });

  it("is reported as the platform does, where a capability fails at it", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const { room } = enter();
    const failure = new TypeError("of the capability");
    recorded(room, "notes", {
      on: () => {
        throw failure;
      },
    });
    const others = recorded(room, "others");
    const socket = await greet({ notes: 1, others: 1 });
    socket.receive(frame("$notes", 1));
    room.close();
    expect(reported.mock.calls).toEqual(Array.from({ length: 5 }, () => [failure]));
    expect(others.told.map(([hook]) => hook)).toEqual([
      "onHello",
      "afterHello",
      "onLost",
      "onClosed",
    ]);
  });
});
