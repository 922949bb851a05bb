import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import { describeTypedRooms } from "../../test/rooms";
import { PartyError } from "../index";

const FRAMED = ["partyflare.1"];

describeTypedRooms("a connection that speaks frames", (open) => {
  it("is told its id and room first, before anything that onConnect sends", async () => {
    const room = open({ onConnect: (_party, connection) => connection.emit("bell") });
    const socket = await room.connect("?_pk=ada", FRAMED);
    expect(await socket.frame()).toEqual([
      "$hello",
      { id: "ada", room: room.name, client: "id:ada" },
    ]);
    expect(await socket.frame()).toEqual(["bell"]);
  });

  it("sends events to their handlers, checked and shaped by their schemas", async () => {
    const room = open({
      handle: {
        say: (party, from, { text }: { text: string }) =>
          party.emit("said", { by: from.state.name, text }),
      },
    });
    const socket = await room.connect("?_pk=ada", FRAMED);
    await socket.frame();
    await socket.sendFrame("say", { text: "hello", more: "is left out" });
    expect(await socket.frame()).toEqual(["said", { by: "ada", text: "hello" }]);
  });

  it("learns why an event was refused, in path and message, and never the value", async () => {
    const { log, ...room } = open({
      onInvalid: (_party, connection, { code, name, issues }) =>
        void log.push(`${connection.id} ${code} ${name} ${issues?.length}`),
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect("?_pk=ada", FRAMED);
    await socket.frame();
    await socket.sendFrame("say", { text: "a secret far too long" });
    const [kind, error] = (await socket.frame()) as [string, { issues: unknown[] }];
    expect(kind).toBe("$error");
    expect(error).toMatchObject({ code: "invalid", event: "say" });
    expect(error.issues).toEqual([{ path: ["text"], message: expect.any(String) }]);
    expect(JSON.stringify(error)).not.toContain("secret");
    expect(log).toEqual(["ada invalid say 1"]);
  });

  it("waits for an asynchronous schema, in order", async () => {
    const { log, ...room } = open({
      handle: {
        later: (_party, _from, text: string) => void log.push(text),
        say: (_party, _from, { text }: { text: string }) => void log.push(text),
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll(['["later","first"]', '["later","refused"]', '["say",{"text":"second"}]']);
    expect(await socket.frame()).toMatchObject(["$error", { code: "invalid", event: "later" }]);
    await vi.waitFor(() => expect(log).toEqual(["first", "second"]), { timeout: 60_000 });
  });

  it("may join frames with newlines, which are handled in order", async () => {
    const room = open({
      handle: {
        say: async (_party, from, { text }: { text: string }) => {
          await scheduler.wait(text === "1" ? 5 : 0);
          from.emit("said", { by: "room", text });
        },
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    const frames = ["1", "2", "3"].map((text) => JSON.stringify(["say", { text }]));
    await socket.send([...frames.slice(0, 2), "not a frame", frames[2]].join("\n"));
    const received = [];
    for (let count = 0; count < 4; count += 1) received.push(await socket.frame());
    expect(received).toMatchObject([
      ["said", { text: "1" }],
      ["said", { text: "2" }],
      ["$error", { code: "bad_frame" }],
      ["said", { text: "3" }],
    ]);
  });

  it("sends raw text and bytes among its frames", async () => {
    const room = open({
      onMessage: (_party, connection, message) => {
        connection.send(typeof message === "string" ? `got ${message}` : message);
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$text", '["say"]');
    expect(await socket.frame()).toEqual(["$text", 'got ["say"]']);
    await socket.send(new Uint8Array([1, 2]));
    expect(new Uint8Array((await socket.next()) as ArrayBuffer)).toEqual(new Uint8Array([1, 2]));
  });

  it("is answered a sign of life", async () => {
    const room = open({});
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.send('["$ping"]');
    expect(await socket.next()).toBe('["$pong"]');
    await socket.send('["$ping"]\n["$ping"]');
    expect([await socket.next(), await socket.next()]).toEqual(['["$pong"]', '["$pong"]']);
  });

  it("is told with $close why the room closes it, and whether to come back", async () => {
    const room = open({
      handle: {
        say: (_party, from, { text }: { text: string }) =>
          text === "later"
            ? from.close(4321, "maintenance", { retry: true, retryAfterMs: 500 })
            : from.close(4000, "banned"),
      },
    });
    const [later, final] = [await room.connect("", FRAMED), await room.connect("", FRAMED)];
    for (const socket of [later, final]) await socket.frame();
    await later.sendFrame("say", { text: "later" });
    expect(await later.frame()).toEqual([
      "$close",
      { code: 4321, reason: "maintenance", retry: true, retryAfterMs: 500 },
    ]);
    expect(await later.closed()).toEqual({ code: 4321, reason: "maintenance" });
    await final.sendFrame("say", { text: "final" });
    expect(await final.frame()).toEqual(["$close", { code: 4000, reason: "banned", retry: false }]);
  });
});

describeTypedRooms("a call", (open) => {
  it("is answered with what its handler returns, now or later", async () => {
    const room = open({
      handle: {
        rename: async (_party, from, { name }: { name: string }) => {
          await scheduler.wait(1);
          from.setState({ name });
          return { name };
        },
        nothing: () => undefined,
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$call", 1, "rename", { name: " Ada " });
    expect(await socket.frame()).toEqual(["$reply", 1, { name: "Ada" }]);
    await socket.sendFrame("$call", 2, "nothing");
    expect(await socket.frame()).toEqual(["$reply", 2]);
  });

  it("ignores what comes with a call that takes no input", async () => {
    const room = open({
      handle: {
        nothing: (_party, _from, ...input: unknown[]) => ({ given: input[0] ?? "nothing" }),
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$call", 0, "nothing");
    await socket.sendFrame("$call", 1, "nothing", null);
    await socket.sendFrame("$call", 2, "nothing", { secret: true });
    for (const id of [0, 1, 2]) {
      expect(await socket.frame()).toEqual(["$reply", id, { given: "nothing" }]);
    }
  });

  it("is refused with the code, message, data and wait of a PartyError, which is no error", async () => {
    const { log, ...room } = open({
      handle: {
        rename: () => {
          throw new PartyError("name_taken", {
            message: "Taken.",
            data: { suggestion: "Ada 2" },
            retryAfterMs: 10,
          });
        },
      },
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$call", 1, "rename", { name: "Ada" });
    const refusal = { message: "Taken.", data: { suggestion: "Ada 2" }, retryAfterMs: 10 };
    expect(await socket.frame()).toEqual(["$fail", 1, { code: "name_taken", ...refusal }]);
    expect(log).toEqual([]);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("secret"))],
    ["returns what JSON cannot hold", () => 1n],
    [
      "refuses with data that JSON cannot hold",
      () => {
        throw new PartyError("name_taken", { data: 1n });
      },
    ],
  ])("is refused as internal where its handler %s, which is reported", async (_how, nothing) => {
    const { log, ...room } = open({
      handle: { nothing },
      onError: (_party, error, { during, name }) =>
        void log.push(`${during} ${name} ${(error as Error).name}`),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$call", 7, "nothing");
    const frame = await socket.frame();
    expect(frame).toMatchObject(["$fail", 7, { code: "internal" }]);
    expect(JSON.stringify(frame)).not.toContain("secret");
    expect(log).toEqual([expect.stringMatching(/^handler nothing (Type)?Error$/)]);
  });

  it("is refused where it is unknown or its input is invalid", async () => {
    const room = open({});
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$call", 1, "constructor", {});
    expect(await socket.frame()).toMatchObject(["$fail", 1, { code: "unknown_call" }]);
    await socket.sendFrame("$call", 2, "rename", { name: "  " });
    expect(await socket.frame()).toMatchObject([
      "$fail",
      2,
      { code: "invalid", issues: [{ path: ["name"] }] },
    ]);
  });
});

describeTypedRooms("what a room cannot take", (open) => {
  it.each([
    ["nests too deep", `["$call",7,"nothing",${"[".repeat(100)}${"]".repeat(100)}]`],
    ["has a key __proto__", '["$call",7,"nothing",{"__proto__":1}]'],
    ["is cut off", '["$call",7,"nothing",{"a'],
    ["has a malformed operation", '["$call",7,"nothing",null,{"page":"p"}]'],
    ["has no name", '["$call",7,null]'],
  ])(
    "fails the call, whose client waits for an answer, where its frame %s",
    async (_what, text) => {
      const socket = await open({ onInvalid: () => {} }).connect("", FRAMED);
      await socket.frame();
      await socket.send(text);
      expect(await socket.frame()).toMatchObject(["$fail", 7, { code: "bad_frame" }]);
    },
  );

  it.each([
    ["no JSON", "hello", "bad_frame"],
    ["no array", '{"say":1}', "bad_frame"],
    ["no name", "[]", "bad_frame"],
    ["an unknown event", '["shout",1]', "unknown_event"],
    ["an event that is a property of every object", '["constructor",1]', "unknown_event"],
    ["a call sent as an event", '["rename",{"name":"x"}]', "unknown_event"],
    ["an unknown frame", '["$resume",1]', "unknown_frame"],
    ["a call without an id", '["$call","x","nothing"]', "bad_frame"],
    ["an own __proto__", '["anything",{"a":[{"__proto__":{"x":1}}]}]', "bad_frame"],
    ["an escaped __proto__", String.raw`["anything",{"\u005f_proto__":1}]`, "bad_frame"],
    ["10,000 levels", `["anything",${"[".repeat(10_000)}${"]".repeat(10_000)}]`, "bad_frame"],
    ["nothing at all", "", "bad_frame"],
  ])("is answered with its code, and the room goes on: %s", async (_what, text, code) => {
    const { log, ...room } = open({
      handle: { say: (_party, from) => from.emit("bell") },
      onInvalid: (_party, _connection, invalid) => void log.push(invalid.code),
      onError: (_party, error) => void log.push(String(error)),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.send(text);
    expect(await socket.frame()).toMatchObject(["$error", { code }]);
    expect(log).toEqual([code]);
    await socket.sendFrame("say", { text: "still here" });
    expect(await socket.frame()).toEqual(["bell"]);
  });

  it("a hundred times in a row closes the connection with 4400; a good one in between starts afresh", async () => {
    const { log, ...room } = open({
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
    });
    const good = await room.connect("?_pk=good", FRAMED);
    const bad = await room.connect("?_pk=bad", FRAMED);
    const mistakes = Array<string>(99).fill("?");
    good.sendAll([...mistakes, '["say",{"text":""}]', ...mistakes]);
    bad.sendAll([...mistakes, "?", "?"]);
    expect(await bad.closed()).toEqual({ code: 4400, reason: "bad_frame" });
    await vi.waitFor(() => expect(good.received.length).toBe(199), { timeout: 60_000 });
    expect(log).toEqual(["bad 4400"]);
    expect(good.isClosed).toBe(false);
  });

  it("random frames let no exception escape, and another connection misses nothing", async () => {
    const errors: unknown[] = [];
    const room = open({
      handle: { anything: (_party, from, data) => from.emit("anything", data) },
      onError: (_party, error) => void errors.push(error),
    });
    const good = await room.connect("?_pk=good", FRAMED);
    await good.frame();
    const frames = fc.sample(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.json(),
        fc
          .tuple(
            fc.constantFrom("say", "anything", "$call", "$text", "$ping", "$resume", "constructor"),
            fc.jsonValue(),
            fc.constantFrom("rename", "nothing", "__proto__"),
            fc.jsonValue(),
          )
          .map((frame) => JSON.stringify(frame)),
      ),
      cases(2_000),
    );
    for (let start = 0; start < frames.length; start += 500) {
      let bad = await room.connect("", FRAMED);
      for (const frame of frames.slice(start, start + 500)) {
        if (bad.isClosed) bad = await room.connect("", FRAMED);
        bad.sendAll([frame]);
      }
      good.sendAll([JSON.stringify(["anything", start])]);
      expect(await good.frame()).toEqual(["anything", start]);
      await bad.close(1000);
    }
    expect(errors).toEqual([]);
  });
});
