import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../test/eventually";
import { framesOf, RoomServer, send } from "../test/room-server";
import { type chat, failureOf } from "../test/rooms";
import type { ShareOptions } from "./react/address";
import { onRoomsChange } from "./react/shared-rooms";
import { type SharedHandle, shareRoom } from "./share-room";

describe("shareRoom", () => {
  let server: RoomServer;
  let name: string;
  const handles: SharedHandle<typeof chat>[] = [];

  beforeEach(async () => {
    server = await RoomServer.start();
    name = randomUUID();
  });

  afterEach(async () => {
    for (const { release, room } of handles.splice(0)) {
      release();
      room.close();
    }
    await server.stop();
  });

  function share(options: Partial<ShareOptions> = {}): SharedHandle<typeof chat> {
    const handle = shareRoom<typeof chat>({
      host: server.host,
      party: "chat",
      room: name,
      ...options,
    });
    handles.push(handle);
    return handle;
  }

  const tokens = () => server.visits.map(({ token }) => token);
  const isOpen = ({ room }: SharedHandle<typeof chat>) =>
    eventually(() => expect(room.status.state).toBe("open"));

  it("has one socket for all who ask for an address", async () => {
    const [one, other] = [share({ token: "ada" }), share({ token: "ada" })];
    expect(other.room).toBe(one.room);
    await isOpen(one);
    one.release();
    one.release();
    expect(other.room.status.state).toBe("open");
    expect(server.visits).toHaveLength(1);
  });

  it("closes the room when nobody has it any more, and its address is free", async () => {
    const one = share();
    await isOpen(one);
    one.release();
    await eventually(() => expect(server.open).toHaveLength(0));
    expect(one.room.status).toEqual({ state: "closed" });
    const again = share();
    expect(again.room).not.toBe(one.room);
    await isOpen(again);
  });

  it.each<[string, Partial<ShareOptions>, Partial<ShareOptions>]>([
    ["token", { token: "ada" }, { token: "bob" }],
    ["token, which is not an identity", { token: "ada" }, { identity: "ada", token: () => "ada" }],
    ["identity", { identity: "ada", token: () => "x" }, { identity: "bob", token: () => "x" }],
    ["key", { key: "AAAAAAAAAAAAAAAAAAAAAA" }, { key: "BBBBBBBBBBBBBBBBBBBBBB" }],
    ["id", { id: "ada" }, { id: "bob" }],
    ["query", { query: { page: 1 } }, { query: { page: 2 } }],
    ["path", {}, { path: "side" }],
  ])("has two sockets for two clients: another %s", async (_, first, second) => {
    const [one, other] = [share(first), share(second)];
    expect(other.room).not.toBe(one.room);
    await isOpen(one);
    await isOpen(other);
    expect(server.visits).toHaveLength(2);
  });

  it.each<[string, Partial<ShareOptions>, Partial<ShareOptions>]>([
    ["order and the kind of values", { query: { a: 1, b: "2" } }, { query: { b: 2, a: "1" } }],
    ["parameters that are not there", { query: { a: undefined, b: null } }, { query: {} }],
    ["query at all", { query: {} }, { query: undefined }],
    ["same function for a token", { token: () => "x" }, { token: () => "x" }],
    ["same token for an identity", { identity: "a", token: "1" }, { identity: "a", token: "2" }],
  ])("has one socket for what means the same: no %s", async (_, first, second) => {
    expect(share(first).room).toBe(share(second).room);
  });

  it("takes the newest token that is given, and only that away which leaves", async () => {
    const first = share({ identity: "ada", token: "first" });
    const second = share({ identity: "ada", token: () => "second" });
    share({ identity: "ada" });
    await isOpen(first);
    second.release();
    first.room.reconnect();
    await eventually(() => expect(tokens()).toEqual(["second", "first"]));
  });

  it("gives what is not given as the others do, and in nobody's name where there are two", async () => {
    const ada = share({ token: "ada" });
    expect(share().room).toBe(ada.room);
    const bob = share({ token: "bob" });
    const nobody = share();
    expect([ada.room, bob.room]).not.toContain(nobody.room);
    ada.release();
    expect(share().room).toBe(bob.room);
  });

  it("never gives a room in the name of who has left", async () => {
    const ada = share({ token: "ada" });
    await isOpen(ada);
    ada.release();
    const nobody = share();
    expect(nobody.room).not.toBe(ada.room);
    await isOpen(nobody);
    expect(tokens()).toEqual(["ada", undefined]);
  });

  it("connects when the token of an identity comes after the room has closed for good", async () => {
    const early = share({ identity: "ada" });
    await isOpen(early);
    send(server.visits[0]!, ["$close", { code: 4401, reason: "unauthorized", retry: false }]);
    await eventually(() => expect(early.room.status.state).toBe("closed"));
    share({ identity: "ada" });
    expect(early.room.status.state).toBe("closed");
    share({ identity: "ada", token: "late" });
    await eventually(() => expect(tokens()).toEqual([undefined, "late"]));
  });

  it("comes back with the new token of an identity where the room does not take the old one", async () => {
    const { room } = share({ identity: "ada", token: "old" });
    await eventually(() => expect(room.status.state).toBe("open"));
    share({ identity: "ada", token: "new" });
    send(server.visits[0]!, ["$close", { code: 4401, reason: "unauthorized", retry: false }]);
    await eventually(() => expect(tokens()).toEqual(["old", "new"]));
    // It has been tried.
    await eventually(() => expect(room.status.state).toBe("open"));
    send(server.visits[1]!, ["$close", { code: 4401, reason: "unauthorized", retry: false }]);
    await eventually(() => expect(room.status.state).toBe("closed"));
  });

  it("tells a session whose it is", () => {
    const users: unknown[] = [];
    const resume: ShareOptions["resume"] = ({ user }) => void users.push(user);
    share({ identity: "ada", token: () => "secret", resume });
    share({ token: "bob", resume });
    share({ token: () => "secret", resume });
    expect(users).toEqual(["ada", "bob", undefined]);
  });

  it("tells the holders only when another room may be theirs", async () => {
    const told = vi.fn();
    const stop = onRoomsChange(told);
    const many = Array.from({ length: 100 }, () => share({ token: "ada" }));
    expect(told).toHaveBeenCalledTimes(1);
    for (const { release } of many.slice(1)) release();
    expect(told).toHaveBeenCalledTimes(1);
    many[0]!.release();
    expect(told).toHaveBeenCalledTimes(2);
    stop();
  });

  it("is refused for what cannot be a room, and keeps nothing of it", async () => {
    expect(() => share({ room: "" })).toThrow("room");
    const disabled = share({ room: "", id: "é", enabled: false });
    expect(disabled.room.status).toEqual({ state: "closed" });
  });

  it("connects where a function for the token comes after the room has closed for want of one", async () => {
    const one = share({ identity: "ada" });
    await eventually(() => expect(server.visits).toHaveLength(1));
    server.visits[0]!.socket.close(4401, "unauthorized");
    await eventually(() => expect(one.room.status.state).toBe("closed"));
    const other = share({ identity: "ada", token: () => "secret" });
    expect(other.room).toBe(one.room);
    await eventually(() => expect(server.visits).toHaveLength(2));
    expect(server.visits[1]?.token).toBe("secret");
  });

  it("closes a second after the first call of release, however often it is called", async () => {
    const { release, room } = share();
    await eventually(() => expect(room.status.state).toBe("open"));
    release();
    const often = setInterval(release, 100);
    try {
      await eventually(() => expect(room.status.state).toBe("closed"));
    } finally {
      clearInterval(often);
    }
  });
});

describe("a shared room that was released while calls are unanswered", () => {
  let server: RoomServer;

  beforeEach(async () => {
    server = await RoomServer.start();
    server.hello = { once: { since: "s1", calls: ["count"] } };
  });

  afterEach(() => server.stop());

  async function released() {
    const options = { host: server.host, party: "chat", room: randomUUID(), token: "ada" };
    const { room, release } = shareRoom<typeof chat>(options);
    const answer = room.call("count");
    release();
    await eventually(() => expect(server.visits).toHaveLength(1));
    const visit = server.visits[0]!;
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    const [, id] = framesOf(visit)[0] as [string, number];
    return { room, answer, visit, id };
  }

  it("stays open until they are answered, a call that happens once among them", async () => {
    const { room, answer, visit, id } = await released();
    // Another room that was released later is closed: so would this one be.
    const other = shareRoom({ host: server.host, party: "chat", room: randomUUID() });
    other.release();
    await eventually(() => expect(other.room.status.state).toBe("closed"));
    expect(room.status.state).toBe("open");
    send(visit, ["$reply", id, 7]);
    expect(await answer).toBe(7);
    await eventually(() => expect(room.status.state).toBe("closed"));
  });

  it("comes back with the token that it had when its connection is lost", async () => {
    const { room, answer, visit } = await released();
    visit.socket.terminate();
    await eventually(() => expect(server.visits).toHaveLength(2));
    expect(server.visits[1]!.token).toBe("ada");
    const failure = failureOf(answer);
    room.close();
    await failure;
  });

  it("is closed after 30 s, answered or not", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const options = { host: server.host, party: "chat", room: randomUUID() };
      const { room, release } = shareRoom<typeof chat>(options);
      const failure = failureOf(room.call("count", undefined, { timeoutMs: 1e6 }));
      release();
      vi.advanceTimersByTime(29_999);
      expect(room.status.state).not.toBe("closed");
      vi.advanceTimersByTime(1);
      expect(room.status.state).toBe("closed");
      await failure;
    } finally {
      vi.useRealTimers();
    }
  });
});
