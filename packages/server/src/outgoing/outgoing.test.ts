import { runInDurableObject } from "cloudflare:test";
import { PartyError } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { describeRooms, describeTypedRooms } from "../../test/rooms";

const FRAMED = ["partyflare.1"];

describeTypedRooms("emit", (open) => {
  it.each([
    ["everyone", undefined, ["host", "ada", "bob"]],
    ["all but some", { except: ["ada"] }, ["host", "bob"]],
    ["those with a tag", { tags: ["guest"] }, ["ada", "bob"]],
    ["those that are named", { to: ["ada", "host", "nobody", "ada"] }, ["host", "ada"]],
    ["whom all of it fits", { to: ["ada", "host"], tags: ["guest"] }, ["ada"]],
    ["nobody", { to: [] }, []],
  ] as const)("reaches %s", async (_whom, audience, ids) => {
    const room = open({
      handle: {
        say: (party, from, { text }: { text: string }) => {
          party.emit("said", { by: from.id, text }, audience);
          party.emit("bell");
        },
      },
    });
    const sockets = new Map<string, Awaited<ReturnType<typeof room.connect>>>();
    for (const id of ["host", "ada", "bob"]) {
      const socket = await room.connect(`?_pk=${id}`, FRAMED);
      await socket.frame();
      sockets.set(id, socket);
    }
    await sockets.get("ada")?.sendFrame("say", { text: "hello" });
    const reached = [];
    for (const [id, socket] of sockets) {
      const [event] = (await socket.frame()) as [string];
      if (event === "said") reached.push(id);
    }
    expect(reached).toEqual(ids);
  });

  it("reaches a raw connection as the frame's text, which gets no frame of ours", async () => {
    const room = open({
      onMessage: (party, connection, message) => {
        party.emit("said", { by: connection.id, text: String(message) });
        party.broadcast("text");
        connection.close(4000, "enough");
      },
    });
    const raw = await room.connect("?_pk=raw");
    const framed = await room.connect("?_pk=framed", FRAMED);
    await framed.frame();
    await raw.send('["say",{"text":1}]');
    const said = ["said", { by: "raw", text: '["say",{"text":1}]' }];
    expect(await raw.frame()).toEqual(said);
    expect(await raw.next()).toBe("text");
    await raw.closed();
    expect(raw.received.length).toBe(2);
    expect(await framed.frame()).toEqual(said);
    expect(await framed.frame()).toEqual(["$text", "text"]);
  });

  it("that breaks the contract throws where outgoing data is checked, and nothing is sent", async () => {
    const { log, ...room } = open({
      handle: {
        say: (party) => party.emit("said", { by: 1 } as never),
        anything: (party) => party.emit("unheard" as "bell"),
        nothing: () => undefined,
        rename: () => ({}),
      },
      onError: (_party, error) => void log.push((error as Error).message),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("say", { text: "" });
    expect(await socket.frame()).toMatchObject(["$error", { code: "internal", event: "say" }]);
    await socket.sendFrame("anything");
    expect(await socket.frame()).toMatchObject(["$error", { code: "internal" }]);
    await socket.sendFrame("$call", 1, "rename", { name: "Ada" });
    expect(await socket.frame()).toMatchObject(["$fail", 1, { code: "internal" }]);
    expect(log).toEqual([
      expect.stringMatching(/^The event "said" breaks the contract\. by: .+text: /),
      'The event "unheard" is not in the contract.',
      expect.stringMatching(/^The reply to "rename" breaks the contract\. name: /),
    ]);
  });
});

describeTypedRooms("a refusal of a call, where outgoing data is checked", (open) => {
  const suggestion = { suggestion: "Ada2" };
  const internal = { code: "internal" };

  it.each<[string, () => unknown, sent: object, reported: string | undefined]>([
    [
      "a code that the call does not declare",
      () => new PartyError("nametaken", { data: suggestion }),
      internal,
      'The error "nametaken" of "rename" is not in the contract.',
    ],
    [
      "data that the code does not have",
      () => new PartyError("name_taken", { data: { suggestion: 1 } }),
      internal,
      'The error "name_taken" of "rename" breaks the contract. suggestion: ',
    ],
    [
      "a declared code without its data",
      () => new PartyError("name_taken"),
      internal,
      'The error "name_taken" of "rename" breaks the contract. ',
    ],
    [
      "a code of every object",
      () => new PartyError("constructor"),
      internal,
      'The error "constructor" of "rename" is not in the contract.',
    ],
    [
      "a declared code with its data",
      () => new PartyError("name_taken", { data: suggestion }),
      { code: "name_taken", data: suggestion },
      undefined,
    ],
    [
      "a code of the library",
      () => new PartyError("rate_limited", { data: 1 }),
      { code: "rate_limited", data: 1 },
      undefined,
    ],
    [
      "a code of the library that the call declares, without its data",
      () => new PartyError("forbidden"),
      { code: "forbidden" },
      undefined,
    ],
    [
      "a code of the library that the call declares, with other data",
      () => new PartyError("forbidden", { data: 1 }),
      internal,
      'The error "forbidden" of "rename" breaks the contract. ',
    ],
  ])("with %s", async (_what, error, sent, reported) => {
    const refuse = () => {
      throw error();
    };
    const { log, ...room } = open({
      handle: { rename: refuse },
      onError: (_party, failure) => void log.push((failure as Error).message),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    await socket.sendFrame("$call", 1, "rename", { name: "Ada" });
    expect(await socket.frame()).toMatchObject(["$fail", 1, sent]);
    const expected = reported === undefined ? [] : [expect.stringContaining(reported)];
    await vi.waitFor(() => expect(log).toEqual(expected), 60_000);
  });
});

describeTypedRooms("a connection of a contract", (open) => {
  it("keeps what it is over sleep: state, tags, and that it speaks frames", async () => {
    const room = open({
      onMessage: (_party, connection) => connection.send(connection.state.name),
    });
    const socket = await room.connect("?_pk=host", FRAMED);
    await socket.frame();
    await room.sleep();
    await runInDurableObject(room.stub, (party) => {
      const [connection] = party.getConnections(["host"]);
      expect(connection?.state).toEqual({ name: "host" });
      connection?.send("hello");
    });
    expect(await socket.frame()).toEqual(["$text", "hello"]);
  });
});

describeRooms("a party without a contract", (open) => {
  it("speaks frames too, and knows no events", async () => {
    const room = open({ onMessage: (party, _connection, message) => party.broadcast(message) });
    const socket = await room.connect("?_pk=ada", FRAMED);
    expect(await socket.frame()).toEqual([
      "$hello",
      { id: "ada", room: room.name, client: "id:ada" },
    ]);
    await socket.sendFrame("say", 1);
    expect(await socket.frame()).toMatchObject(["$error", { code: "unknown_event", event: "say" }]);
    await socket.sendFrame("$text", "hello");
    expect(await socket.frame()).toEqual(["$text", "hello"]);
  });

  it("tells a framed client of a refusal with $close", async () => {
    const room = open({
      authorize() {
        throw new Error("secret");
      },
      onError: () => {},
    });
    const socket = await room.connect("", FRAMED);
    const close = { code: 1011, reason: "internal", retry: true };
    expect(await socket.frame()).toEqual(["$close", close]);
    expect(await socket.closed()).toEqual({ code: 1011, reason: "internal" });
  });
});
