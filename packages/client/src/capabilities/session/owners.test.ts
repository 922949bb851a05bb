import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../../test/eventually";
import { framesOf, send } from "../../../test/room-server";
import { failureOf, isOpen, Rooms } from "../../../test/rooms";
import { Tab } from "../../../test/tab";
import { connect } from "../../connect";
import { SharedRoom } from "../../react/shared-room";
import { session } from "./session";

const ONCE = { calls: ["count", "rename"], since: "e.0" };

describe("a session", () => {
  let rooms: Rooms;
  let tab: Tab;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { once: ONCE };
    tab = new Tab().enter();
  });
  afterEach(async () => {
    await rooms.stop();
    vi.unstubAllGlobals();
    Tab.locks.clear();
  });

  /** The page is loaded again, as another instance of the library. */
  async function reload(here = tab): Promise<typeof session> {
    here.leave();
    return load(here);
  }

  async function load(here: Tab): Promise<typeof session> {
    vi.resetModules();
    here.enter();
    return (await import("./session")).session;
  }

  /** The options of a page that was reloaded while a call waited for its answer. */
  async function reloadedWithACall(room: string) {
    const { room: first, visit } = await rooms.open({ room, resume: session() });
    void first.call("count").catch(() => {});
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    const again = await reload();
    return { host: rooms.server.host, party: "chat", room, resume: again() };
  }

  it("goes on in a shared room that is enabled only later", async () => {
    const room = randomUUID();
    const options = await reloadedWithACall(room);
    const holder = {};
    const shared = new SharedRoom({ ...options, enabled: false });
    expect(shared.room.status.state).toBe("closed");
    shared.update(holder, options);
    shared.hold(holder, true);
    const visit = await rooms.visit(2);
    await eventually(() => expect(framesOf(visit)).toHaveLength(1));
    send(visit, ["$reply", 0, 7]);
    expect(await shared.room.resumed[0]?.answer).toBe(7);
    shared.room.close();
  });

  it("is left to the next room of its address by one that could not be made", async () => {
    const room = randomUUID();
    const { room: first } = await rooms.open({ room, resume: session() });
    const again = await reload();
    const wrong = { host: rooms.server.host, party: "chat", room, path: "/../x" };
    expect(() => connect({ ...wrong, resume: again() })).toThrow("path");
    const { room: second } = await rooms.open({ room, resume: again() });
    expect(second.id).toBe(first.id);
  });

  it("ends what is resumed in a room that is closed without ever having been connected", async () => {
    const room = randomUUID();
    const options = await reloadedWithACall(room);
    const shared = new SharedRoom({ ...options, enabled: false });
    shared.room.close();
    expect(await failureOf(shared.room.resumed[0]!.answer)).toMatchObject({ code: "disconnected" });
  });

  it("is found by its own user, who signed in while another's room was still open", async () => {
    const room = randomUUID();
    const ada = await rooms.open({ room, token: "ada", resume: session() });
    const bob = await rooms.open({ room, token: "bob", resume: session() });
    ada.room.close();
    void bob.room.call("count").catch(() => {});
    await eventually(() => expect(framesOf(bob.visit)).toHaveLength(1));
    const again = await reload();
    const next = await rooms.open({ room, token: "bob", resume: again() });
    expect(next.room.id).toBe(bob.room.id);
    expect(next.room.resumed).toHaveLength(1);
  });

  it("does no call again that a duplicated tab has copied, where the app gives the id", async () => {
    const room = randomUUID();
    rooms.server.saysHello = false;
    const first = rooms.enter({ room, id: "ada", resume: session() });
    void first.room.call("count").catch(() => {});
    await rooms.visit();
    await eventually(() => expect([...tab.stored.values()].join("")).toContain('"count"'));
    const copy = tab.duplicate();
    const other = await load(copy);
    rooms.server.saysHello = true;
    const second = await rooms.open({ room, id: "ada", resume: other() });
    expect(second.room.resumed).toHaveLength(1);
    second.room.close();
    first.room.close();
    // The first tab is closed; the other one is loaded again.
    const again = await reload(copy);
    const third = await rooms.open({ room, id: "ada", resume: again() });
    expect(third.room.resumed).toEqual([]);
  });

  it("takes a new id when it reconnects after a duplicated tab has taken its own", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    const copy = tab.duplicate();
    first.room.close();
    await eventually(() => expect(Tab.locks.size).toBe(0));
    const other = await load(copy);
    const second = await rooms.open({ room, resume: other() });
    tab.enter();
    first.room.reconnect();
    await isOpen(first.room);
    expect(first.room.id).not.toBe(second.room.id);
  });

  it("does nothing where a lock is neither given nor refused, and the client works", async () => {
    vi.stubGlobal("navigator", { locks: { request: () => new Promise(() => {}) } });
    const { room } = rooms.enter({ resume: session(), connectionTimeout: 2_000 });
    await isOpen(room);
  });

  it("keeps a call that the app makes while its page is left", async () => {
    const room = randomUUID();
    const first = await rooms.open({ room, resume: session() });
    addEventListener("pagehide", () => void first.room.call("count").catch(() => {}));
    rooms.server.mode = "ignore";
    first.visit.socket.terminate();
    await eventually(() => expect(first.room.status.state).not.toBe("open"));
    const again = await reload();
    rooms.server.mode = "accept";
    expect((await rooms.open({ room, resume: again() })).room.resumed).toHaveLength(1);
  });
});
