import { runInDurableObject } from "cloudflare:test";
import { PartyError } from "@partyflare/shared";
import { expect, it } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { FramedClient } from "../../../test/framed-client";
import { describeDurableRooms, type TestRoom } from "../../../test/rooms";

const kept = (room: TestRoom<DurableRoom>) => runInDurableObject(room.stub, (party) => party.kept);

/** Keeps what it is called with, and answers how often it was called. */
const KEEPS: DurableScript = {
  post(party, _from, input) {
    party.keep(String(input));
    return party.kept.length;
  },
};

const UNKNOWN = { code: "unknown_outcome" };

describeDurableRooms("a call that happens once", (open) => {
  it("is told of with the hello", async () => {
    const { hello } = await FramedClient.join(open());
    expect(hello.once).toEqual({ calls: ["post", "put"], since: expect.any(String) });
  });

  it("is carried out once, and answered again, on this connection and the next", async () => {
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        party.emit("said", input);
        return { count: party.kept.length };
      },
    });
    const ada = await FramedClient.join(room);
    const first = await ada.post("one");
    expect(first.before).toEqual([["said", "one", 1, expect.any(String)]]);
    expect(first.answer).toEqual(["$reply", 1, { count: 1 }]);
    const again = { number: 1, repeat: true } as const;
    expect((await ada.post("one", again)).answer).toEqual(["$reply", 1, { count: 1 }]);
    const { key, page, hello } = ada;
    const next = await FramedClient.join(room, { key });
    const operation = { ...again, page, since: hello.once.since, id: 7 };
    const { answer, before } = await next.post("one", operation);
    expect([answer, before]).toEqual([["$reply", 7, { count: 1 }], []]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("is carried out when only its repeat arrives, and once if that comes twice", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.leave();
    const { key, page, hello } = ada;
    const operation = { page, since: hello.once.since, number: 1, repeat: true } as const;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const back = await FramedClient.join(room, { key });
      expect((await back.post("one", operation)).answer).toEqual(["$reply", 1, 1]);
    }
    expect(await kept(room)).toEqual(["one"]);
  });

  it("that comes twice in one message is carried out once, and answered twice", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    const first = ada.operation("one", { number: 1, id: 1 });
    const second = ada.operation("one", { number: 1, id: 2, repeat: true });
    await ada.socket.send(`${first}\n${second}`);
    expect(await ada.frames(2)).toEqual([
      ["$reply", 1, 1],
      ["$reply", 2, 1],
    ]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("leaves nothing behind when its handler throws, and may be tried again", async () => {
    let refuses = true;
    const room = open({
      post(party, from, input) {
        party.keep(String(input));
        party.emit("said", input);
        from.send("sent");
        if (refuses) throw new Error("a reason that is nobody's business");
        return "done";
      },
      onError: () => {},
    });
    const ada = await FramedClient.join(room);
    const failed = await ada.post("one");
    expect(failed.before).toEqual([]);
    expect(failed.answer).toMatchObject(["$fail", 1, { code: "internal" }]);
    expect(await kept(room)).toEqual([]);
    refuses = false;
    const { before, answer } = await ada.post("one", { number: 1, repeat: true });
    expect(before.map(([name, data, offset]) => [name, data, offset])).toEqual([
      ["said", "one", 1],
      ["$text", "sent", undefined],
    ]);
    expect(answer).toEqual(["$reply", 1, "done"]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("that was rolled back is not taken for the newest of its page", async () => {
    let refuses = true;
    const room = open({
      post(party, _from, input) {
        party.keep(String(input));
        if (input === "two" && refuses) throw new Error("not now");
        return input;
      },
      onError: () => {},
    });
    const ada = await FramedClient.join(room);
    await ada.post("one");
    expect((await ada.post("two")).answer).toMatchObject(["$fail", 2, { code: "internal" }]);
    refuses = false;
    const two = await ada.post("two", { number: 2, repeat: true });
    expect(two.answer).toEqual(["$reply", 2, "two"]);
    const one = await ada.post("one", { number: 1, repeat: true });
    expect(one.answer).toEqual(["$reply", 1, "one"]);
    expect(await kept(room)).toEqual(["one", "two"]);
  });

  it("whose result is nothing is answered with nothing again", async () => {
    const room = open({ post: (party, _from, input) => party.keep(String(input)) });
    const ada = await FramedClient.join(room);
    expect((await ada.post("one")).answer).toEqual(["$reply", 1]);
    expect((await ada.post("one", { number: 1, repeat: true })).answer).toEqual(["$reply", 1]);
    expect(await kept(room)).toEqual(["one"]);
  });

  it("is answered after a takeover that came between it and its answer", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    ada.socket.sendAll([ada.operation("one")]);
    const { key, page, hello } = ada;
    const again = await FramedClient.join(room, { key });
    const operation = { page, since: hello.once.since, number: 1, repeat: true } as const;
    expect((await again.post("one", operation)).answer).toEqual(["$reply", 1, 1]);
    expect(await kept(room)).toEqual(["one"]);
  });
});

describeDurableRooms("a call that happens once, of a real client", (open) => {
  it("is carried out once, whatever the network does, and in its place", async () => {
    let calls = 0;
    const room = await open({
      post(party, _from, input) {
        calls += 1;
        party.keep(String(input));
        party.emit("said", input);
        return party.kept.length;
      },
    }).kit();
    const ada = await room.join();
    expect(await ada.call("post", "one")).toBe(1);
    await room.step();
    ada.cut();
    const answers = ["two", "three"].map(async (input) => ada.call("post", input));
    await ada.reconnect();
    expect(await Promise.all(answers)).toEqual([2, 3]);
    // The call leaves at the end of the task, and its answer is lost with the connection.
    const four = ada.call("post", "four");
    await Promise.resolve();
    ada.cut();
    await ada.waitUntil(() => calls === 4);
    await ada.reconnect();
    expect(await four).toBe(4);
    expect(calls).toBe(4);
    for (const input of ["one", "two", "three", "four"]) {
      expect(await ada.next("said")).toBe(input);
    }
    await ada.nothing();
    expect(await room.run((party) => party.kept)).toEqual(["one", "two", "three", "four"]);
  });

  it("that is refused by a PartyError leaves nothing behind", async () => {
    const room = await open({
      post(party, _from, input) {
        party.keep(String(input));
        party.emit("said", input);
        throw new PartyError("taken", { message: "Taken.", data: { by: "bob" } });
      },
    }).kit();
    const ada = await room.join();
    const refusal = { code: "taken", message: "Taken.", data: { by: "bob" } };
    await expect(ada.call("post", "one")).rejects.toMatchObject(refusal);
    await ada.nothing();
    expect(await room.run((party) => [party.kept, party.history.head])).toEqual([[], 0]);
  });

  it("whose result is too large to be stored is refused, and not carried out", async () => {
    const room = await open({
      post(party, _from, input) {
        party.keep(String(input));
        return "x".repeat(600_000);
      },
    }).kit();
    const ada = await room.join();
    await expect(ada.call("post", "one")).rejects.toMatchObject({ code: "too_large" });
    expect(await room.run((party) => party.kept)).toEqual([]);
  });

  it("whose write fails is refused, nothing of it is sent, and the room lives on", async () => {
    const room = await open({
      post(party, _from, input) {
        party.emit("said", input);
        if (input === "bad") party.fail();
        return "done";
      },
      onError: () => {},
    }).kit();
    const ada = await room.join();
    await expect(ada.call("post", "bad")).rejects.toMatchObject({ code: "internal" });
    await ada.nothing();
    await room.step();
    expect(await ada.call("post", "good")).toBe("done");
    expect(await ada.next("said")).toBe("good");
    expect(ada.received).toContainEqual({ kind: "event", name: "said", data: "good", offset: 1 });
    await ada.nothing();
  });
});

describeDurableRooms("a call of a client without a key, or without an operation", (open) => {
  it("is carried out as any other call", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room, { key: null });
    expect((await ada.call("post", "again")).answer[2]).toBe(1);
    expect((await ada.post("again", { number: 1 })).answer[2]).toBe(2);
    expect((await ada.post("again", { number: 1, repeat: true })).answer[2]).toBe(3);
    const bob = await FramedClient.join(room, { id: "bob" });
    expect((await bob.call("post", "again")).answer[2]).toBe(4);
    expect((await bob.call("post", "again")).answer[2]).toBe(5);
    expect((await bob.post("again", { name: "ask", number: 1 })).answer[2]).toBe(6);
    expect(await kept(room)).toEqual(Array.from({ length: 6 }, () => "again"));
  });

  it("writes down nothing that a repeat could be answered with", async () => {
    const room = open(KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post("plain", { name: "ask", number: 5 });
    expect((await ada.post("one", { number: 1 })).answer).toEqual(["$reply", 1, 2]);
    const unknown = await ada.post("one", { number: 1, name: "ask", repeat: true });
    expect(unknown.answer).not.toMatchObject(["$fail", 1, UNKNOWN]);
  });
});
