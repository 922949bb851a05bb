import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../../test/eventually";
import { type board, member, snapshot } from "../../../test/presence-host";
import { framesOf, send, type Visit } from "../../../test/room-server";
import { isOpen, Rooms } from "../../../test/rooms";
import type { Room } from "../../room/room";
import { presence, type PresenceOptions } from "./presence";

describe("presence in a room", () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await Rooms.start();
    rooms.server.hello = { presence: snapshot(member("ada")) };
  });
  afterEach(() => rooms.stop());

  const enter = (options?: PresenceOptions<typeof board>) => {
    const entered = rooms.enter({ id: "mine" });
    const room = entered.room as unknown as Room<typeof board>;
    return { chat: entered.room, room, here: presence(room, options) };
  };
  const presenceOf = (visit: Visit) =>
    framesOf(visit).filter((frame) => (frame as unknown[])[0] === "$presence");

  it("is asked for by the upgrade, comes with the hello, and sends the client's data", async () => {
    const { chat, here } = enter({ initial: { cursor: null, typing: false } });
    const changed = vi.fn(() => {});
    here.subscribe(changed);
    await isOpen(chat);
    const visit = await rooms.visit();
    expect(visit.query.get("partyflare.presence")).toBe("");
    expect(here.others.map(({ key }) => key)).toEqual(["ada"]);
    expect(here.me?.presence).toEqual({ cursor: null, typing: false });
    const again = ["cursor", "typing"];
    const first = ["$presence", { set: { cursor: null, typing: false }, n: 1, again }];
    await eventually(() => expect(presenceOf(visit)).toEqual([first]));
    expect(framesOf(visit).filter((frame) => (frame as unknown[])[0] === "$with")).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(1);
    here.set({ typing: true });
    await eventually(() => expect(presenceOf(visit)).toHaveLength(2));
    expect(presenceOf(visit)[1]).toEqual(["$presence", { set: { typing: true }, n: 2 }]);
  });

  it("sends its data again that the room has dropped above its rate", async () => {
    const { chat, here } = enter({ initial: { cursor: null, typing: true } });
    await isOpen(chat);
    const visit = await rooms.visit();
    await eventually(() => expect(presenceOf(visit)).toHaveLength(1));
    here.set({ typing: false });
    await eventually(() => expect(presenceOf(visit)).toHaveLength(2));
    const error = { code: "rate_limited", message: "", retryAfterMs: 5, event: "$presence" };
    send(visit, ["$error", error]);
    await eventually(() => expect(presenceOf(visit)).toHaveLength(3));
    expect(presenceOf(visit)[2]).toMatchObject([
      "$presence",
      { set: { cursor: null, typing: false }, n: 3 },
    ]);
    expect(here.me?.presence).toEqual({ cursor: null, typing: false });
  });

  it("subscribes again if the room has dropped that above its rate", async () => {
    rooms.server.hello = {};
    const { room, visit } = await rooms.open({ id: "mine" });
    presence(room as unknown as Room<typeof board>);
    const subscription = ["$with", "presence", ""];
    await eventually(() => expect(framesOf(visit)).toEqual([subscription]));
    send(visit, ["$error", { code: "rate_limited", message: "", event: "$presence" }]);
    await eventually(() => expect(framesOf(visit)).toEqual([subscription, subscription]));
    send(visit, ["$error", { code: "unknown_frame", message: "", event: "$presence" }]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(framesOf(visit)).toHaveLength(2);
  });

  it("is not asked for by a client that does not use it", async () => {
    const { visit } = await rooms.open();
    expect(visit.query.has("partyflare.presence")).toBe(false);
  });

  it("subscribes to an open room", async () => {
    rooms.server.hello = {};
    const { room, visit } = await rooms.open({ id: "mine" });
    const here = presence(room as unknown as Room<typeof board>, { initial: { typing: true } });
    await eventually(() => expect(framesOf(visit)).toEqual([["$with", "presence", ""]]));
    expect(here.me).toBeUndefined();
    send(visit, ["$presence", snapshot(member("bob"))]);
    await eventually(() => expect(presenceOf(visit)).toHaveLength(1));
    expect(presenceOf(visit)).toEqual([
      ["$presence", { set: { typing: true }, n: 1, again: ["typing"] }],
    ]);
    // The room times out only connections that have pinged.
    expect(visit.pings).toBe(1);
    expect(here.others.map(({ key }) => key)).toEqual(["bob"]);
  });

  it("reports only the differences after a reconnect, and sends the data again", async () => {
    const { chat, here } = enter({ initial: { cursor: null, typing: false } });
    await isOpen(chat);
    const seen: string[] = [];
    here.on("join", ({ key }) => seen.push(`join ${key}`));
    here.on("leave", ({ key }) => seen.push(`leave ${key}`));
    const [ada] = here.others;
    rooms.server.hello = { presence: snapshot(member("ada"), member("bob")) };
    (await rooms.visit()).socket.terminate();
    here.set({ typing: true });
    const second = await rooms.visit(2);
    await eventually(() => expect(presenceOf(second)).toHaveLength(1));
    expect(presenceOf(second)).toMatchObject([
      ["$presence", { set: { cursor: null, typing: true }, again: ["cursor"] }],
    ]);
    expect(seen).toEqual(["join bob"]);
    expect(here.others[0]).toBe(ada);
    rooms.server.hello = { presence: snapshot() };
    second.socket.terminate();
    await eventually(() => expect(seen).toEqual(["join bob", "leave ada", "leave bob"]));
  });

  it("reports refused data to the room's listeners of errors", async () => {
    const { chat, room, here } = enter();
    await isOpen(chat);
    const onError = vi.fn(() => {});
    room.onError(onError);
    here.set({ typing: true });
    const error = { code: "invalid", message: "No.", issues: [{ path: ["cursor"], message: "?" }] };
    send(await rooms.visit(), ["$presence", { refused: 1, fields: {}, error }]);
    await eventually(() => expect(onError).toHaveBeenCalledTimes(1));
    expect(onError).toHaveBeenCalledWith(expect.objectContaining(error), undefined);
    expect(here.me?.presence).toBeUndefined();
  });

  it("reports a frame that is not valid, and stays as it was", async () => {
    const { chat, room, here } = enter();
    await isOpen(chat);
    const onError = vi.fn(() => {});
    room.onError(onError);
    const { state } = here;
    const visit = await rooms.visit();
    send(visit, ["$presence", { set: [{}] }], ["$presence"]);
    await eventually(() => expect(onError).toHaveBeenCalledTimes(2));
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "bad_frame" }), undefined);
    expect(here.state).toBe(state);
    expect(room.status.state).toBe("open");
  });

  it("takes a listener that closes the room in the middle of a message", async () => {
    const { chat, room, here } = enter();
    await isOpen(chat);
    here.on("join", () => room.close());
    const change = { set: [member("bob")], size: 3 };
    send(await rooms.visit(), ["$presence", change], ["$presence", { gone: ["ada"] }]);
    await eventually(() => expect(room.status.state).toBe("closed"));
    here.set({ typing: true });
    expect(here.others.map(({ key }) => key)).toEqual(["ada", "bob"]);
    expect(here.me?.presence).toEqual({ typing: true });
    room.reconnect();
    await eventually(() => expect(room.status.state).toBe("open"));
    expect(here.others.map(({ key }) => key)).toEqual(["ada"]);
  });

  it("notifies once for each frame", async () => {
    const { chat, here } = enter();
    await isOpen(chat);
    const changed = vi.fn(() => {});
    here.subscribe(changed);
    send(await rooms.visit(), [
      "$presence",
      { set: [member("bob"), member("cyd")], gone: ["ada"] },
    ]);
    await eventually(() => expect(here.others).toHaveLength(2));
    expect(changed).toHaveBeenCalledTimes(1);
  });
});
