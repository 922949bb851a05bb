import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { FramedClient } from "../../test/framed-client";
import { describeSeamRooms } from "../../test/rooms";
import { join, received, subscribers, tellAll } from "../../test/seam-client";
import type { MakeCapability } from "../../test/seam-party";

/** Answers with what was asked, and sends something of its own to everybody right afterwards. */
const answering: MakeCapability = (host) => ({
  onHello: (_connection, asked) => ({ asked }),
  afterHello: (connection) => host.send([connection], () => "after"),
});

describeSeamRooms("a client that asks for a capability", (open) => {
  it("in the upgrade gets its part of the hello, and its frames from then on", async () => {
    const room = open({ first: answering });
    const ada = await join(room, "ada", { first: "5.x" });
    expect(ada.hello).toEqual({
      id: "ada",
      room: room.name,
      client: expect.any(String),
      first: { asked: "5.x" },
    });
    expect(await ada.frame()).toEqual(["$first", "after"]);
    await tellAll(room);
    expect(await received(ada)).toEqual([["$first", "told"]]);
  });

  it("that says nothing more gets an empty part", async () => {
    const ada = await join(open(), "ada", { first: "", second: "" });
    expect(ada.hello).toMatchObject({ first: {}, second: {} });
  });

  it("later gets the same part in a frame, before anything else of it", async () => {
    const room = open({ first: answering });
    const ada = await join(room, "ada");
    expect(ada.hello).toEqual({ id: "ada", room: room.name, client: expect.any(String) });
    await tellAll(room);
    await ada.socket.sendFrame("$with", "first", "7");
    expect(await received(ada)).toEqual([
      ["$first", { asked: "7" }],
      ["$first", "after"],
    ]);
    await tellAll(room);
    expect(await received(ada)).toEqual([["$first", "told"]]);
  });

  it("later, without a further item, asks with empty text", async () => {
    const ada = await join(open({ first: answering }), "ada");
    await ada.socket.sendFrame("$with", "first");
    expect(await ada.frame()).toEqual(["$first", { asked: "" }]);
  });

  it("later gets what its core needs, too: the history and the calls that happen once", async () => {
    const room = open({ post: (_party, _from, input) => input });
    const ada = await join(room, "ada");
    await ada.socket.sendFrame("$with", "history");
    await ada.socket.sendFrame("$with", "once");
    expect(await received(ada)).toEqual([
      ["$history", { epoch: expect.any(String), offset: 0, tag: expect.any(String) }],
      ["$once", { calls: ["post"], since: expect.any(String) }],
    ]);
  });

  it.each(["nobody", "", "constructor", "__proto__", "$first", "hello", "FIRST"])(
    'for which there is no capability is answered by an error that names it: "%s"',
    async (name) => {
      const invalid: unknown[] = [];
      const room = open({ onInvalid: (_party, _connection, what) => void invalid.push(what) });
      const ada = await join(room, "ada", { nobody: "", constructor: "", hello: "" });
      expect(ada.hello).toEqual({ id: "ada", room: room.name, client: expect.any(String) });
      await ada.socket.sendFrame("$with", name, "asked");
      const message = `The room has no "${name}".`;
      expect(await received(ada)).toEqual([
        ["$error", { code: "unknown_frame", message, event: `$${name}` }],
      ]);
      expect(invalid[0]).toMatchObject({ code: "unknown_frame", name });
    },
  );

  it("a second time is refused, and costs no second answer", async () => {
    let answers = 0;
    const ada = await join(open({ first: () => ({ onHello: () => (answers += 1) }) }), "ada", {
      first: "",
    });
    await ada.socket.sendFrame("$with", "first", "again");
    expect(await received(ada)).toMatchObject([["$error", { code: "bad_frame", event: "$first" }]]);
    expect(answers).toBe(1);
  });

  it.each([
    [["$with"]],
    [["$with", 1]],
    [["$with", null, "x"]],
    [["$with", ["first"]]],
    [["$with", "first", 5]],
    [["$with", "first", { epoch: "x" }]],
    [["$with", "first", null]],
  ])("with other items than texts is refused: %j", async (frame) => {
    const room = open({ first: answering });
    const ada = await join(room, "ada");
    await ada.socket.sendFrame(...frame);
    expect(await received(ada)).toMatchObject([["$error", { code: "bad_frame" }]]);
    expect(await subscribers(room)).toEqual([]);
  });

  it("that fails to answer gets an internal error, and is not subscribed", async () => {
    let fails = true;
    const errors: unknown[] = [];
    const room = open({
      first: () => ({
        onHello() {
          if (fails) throw new Error("not now");
          return "part";
        },
      }),
      onError: (_party, error, context) => void errors.push([String(error), context.name]),
    });
    const ada = await join(room, "ada");
    await ada.socket.sendFrame("$with", "first");
    expect(await received(ada)).toMatchObject([["$error", { code: "internal", event: "$first" }]]);
    expect([await subscribers(room), errors]).toEqual([[], [["Error: not now", "first"]]]);
    fails = false;
    await ada.socket.sendFrame("$with", "first");
    expect(await received(ada)).toEqual([["$first", "part"]]);
  });
});

describeSeamRooms("a client that has not asked for a capability", (open) => {
  it("gets nothing of it: no part, no frames, and no notice after a wipe", async () => {
    const room = open({ first: answering, second: answering, post: () => "done" });
    const ada = await join(room, "ada", { second: "" });
    const bob = await join(room, "bob", { history: "", once: "" });
    expect(Object.keys(ada.hello)).toEqual(["id", "room", "client", "second"]);
    expect(Object.keys(bob.hello)).toEqual(["id", "room", "client", "once", "history"]);
    await tellAll(room);
    await runInDurableObject(room.stub, async (party) => {
      await party.storage.deleteAll();
      party.emit("said", "after a wipe");
    });
    const event = ["said", "after a wipe", 1, expect.any(String)];
    expect(await received(ada)).toEqual([["$second", "after"], ["$second", "told"], event]);
    expect((await received(bob)).map(([name]) => name).toSorted()).toEqual([
      "$history",
      "$once",
      "said",
    ]);
  });

  it("gets durable events, with their places", async () => {
    const room = open({ say: (party, _from, data) => party.emit("said", data) });
    const ada = await join(room, "ada");
    await ada.socket.sendFrame("say", "hello");
    expect(await ada.frame()).toEqual(["said", "hello", 1, expect.any(String)]);
  });

  it("is told nothing of a change of its tags for which the history has a word", async () => {
    const room = open({ onConnect: (_party, connection) => connection.setTags(["late"]) });
    await runInDurableObject(room.stub, (party) => party.emit("said", "x", { tags: ["late"] }));
    expect(await received(await join(room, "ada"))).toEqual([]);
  });

  it("and is raw, is sent nothing of it, though its URL asks", async () => {
    const connected: string[] = [];
    const room = open({
      first: () => ({
        onHello: () => expect.fail("a raw client has no hello"),
        onConnect: ({ id }) => void connected.push(id),
      }),
      onMessage: (_party, connection) => connection.send("answer"),
    });
    const raw = await room.connect("?_pk=raw&partyflare.first=&partyflare.history=");
    await tellAll(room);
    await raw.send('["$with","first"]');
    expect(await raw.next()).toBe("answer");
    expect([raw.received, await subscribers(room), connected]).toEqual([["answer"], [], ["raw"]]);
  });
});

describeSeamRooms("a subscription", (open) => {
  it("outlives sleep, and changes of state and tags", async () => {
    const room = open({
      first: answering,
      say: (_party, from) => {
        from.setState({ name: "Ada" });
        from.setTags(["red"]);
      },
    });
    const ada = await join(room, "ada", { first: "" });
    const bob = await join(room, "bob");
    await bob.socket.sendFrame("$with", "first");
    await bob.frames(2);
    await ada.frame();
    await ada.socket.sendFrame("say");
    await received(ada);
    await room.sleep();
    expect(await subscribers(room)).toEqual(["ada", "bob"]);
    await tellAll(room, "still");
    expect([await ada.frame(), await bob.frame()]).toEqual([
      ["$first", "still"],
      ["$first", "still"],
    ]);
  });

  it("ends with its connection: whoever takes over its id asks anew", async () => {
    const room = open({ first: answering });
    const ada = await join(room, "ada", { first: "1" });
    const asking = { id: "ada", key: ada.key, query: "&partyflare.second=" };
    const again = await FramedClient.join(room, asking);
    expect(Object.keys(again.hello)).toEqual(["id", "room", "client", "second"]);
    expect(await subscribers(room)).toEqual([]);
    await again.socket.sendFrame("$with", "first", "2");
    expect(await again.frame()).toEqual(["$first", { asked: "2" }]);
  });

  it("made in a transaction that is rolled back is in the attachment all the same", async () => {
    const room = open();
    await join(room, "ada");
    const rolledBack = runInDurableObject(room.stub, (seam) =>
      seam.transact(() => {
        seam.first.connection("ada")?.data.subscribe(["first"]);
        throw new Error("rolled back");
      }),
    );
    await expect(rolledBack).rejects.toThrow("rolled back");
    await room.sleep();
    expect(await subscribers(room)).toEqual(["ada"]);
  });

  it("is not made if the frame's connection has been closed before it", async () => {
    let answers = 0;
    const room = open({
      first: () => ({ onHello: () => (answers += 1) }),
      say: (_party, from) => from.close(4000),
    });
    const ada = await join(room, "ada");
    ada.socket.sendAll(['["say"]', '["$with","first"]']);
    expect(await ada.socket.closed()).toMatchObject({ code: 4000 });
    expect(answers).toBe(0);
  });
});
