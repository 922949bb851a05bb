import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { DurableRoom, DurableScript } from "../../../test/durable-party";
import { dataIn, type Frame, FramedClient, told } from "../../../test/framed-client";
import { describeDurableRooms, openDurableRoom, type TestRoom } from "../../../test/rooms";

const GAP = [{ epoch: expect.any(String), offset: expect.any(Number), recovered: false }] as const;

const emitRed = (room: TestRoom<DurableRoom>, ...data: unknown[]) =>
  runInDurableObject(room.stub, (party) => {
    for (const each of data) party.emit("said", each, { tags: ["red"] });
  });

/** A room whose client has left, and has missed an event for red connections. */
async function openMissed(
  open: (script: DurableScript) => TestRoom<DurableRoom>,
  script: DurableScript,
) {
  const room = open(script);
  const ada = await FramedClient.join(room, { id: "ada" });
  await ada.leave();
  await emitRed(room, "missed");
  const comeBack = () => FramedClient.join(room, { id: "ada", key: ada.key, at: ada.place });
  return { room, ada, comeBack };
}

/** The frames from the notice of a gap on. */
function afterGap(frames: readonly Frame[]): Frame[] {
  return frames.slice(frames.findIndex(([name]) => name === "$history"));
}

describeDurableRooms("tags that make missed events visible", (open) => {
  it("count for the replay when getConnectionTags gives them", async () => {
    let tags: string[] = [];
    const { comeBack } = await openMissed(open, { getConnectionTags: () => tags });
    tags = ["red"];
    const back = await comeBack();
    const frames = await back.received();
    expect(back.hello.history.recovered).toBe(true);
    expect(dataIn(frames)).toEqual(["missed"]);
    expect(told(frames, "$history")).toEqual([]);
  });

  it("in onConnect of a client that comes back: it is told, before anything newer", async () => {
    const { room, comeBack } = await openMissed(open, {
      onConnect: (_party, connection) => connection.setTags(["red"]),
    });
    const back = await comeBack();
    await emitRed(room, "new");
    const frames = await back.received();
    expect(told(frames, "$history")).toMatchObject(GAP);
    expect(dataIn(frames).at(-1)).toBe("new");
    expect(dataIn(afterGap(frames)).at(-1)).toBe("new");
    // The place of which it was told is one to come back to.
    const again = await FramedClient.join(room, { id: "ada", key: back.key, at: back.place });
    expect(again.hello.history.recovered).toBe(true);
  });

  it("in an async onConnect, in which something newer is emitted", async () => {
    const { comeBack } = await openMissed(open, {
      async onConnect(party, connection) {
        await scheduler.wait(1);
        connection.setTags(["red"]);
        party.emit("said", "new", { tags: ["red"] });
      },
    });
    const frames = await (await comeBack()).received();
    expect(told(frames, "$history")).toMatchObject(GAP);
    expect(frames[0]?.[0]).toBe("$history");
    expect(dataIn(frames).at(-1)).toBe("new");
  });

  it("in onConnect, in the middle of a replay of several messages", async () => {
    const large = "x".repeat(200_000);
    const { room, comeBack } = await openMissed(open, {
      onConnect: (_party, connection) => connection.setTags(["red"]),
    });
    await runInDurableObject(room.stub, (party) => {
      for (let count = 0; count < 4; count += 1) party.emit("said", large);
    });
    const back = await comeBack();
    await emitRed(room, "new");
    const frames = await back.until(([, data]) => data === "new");
    expect(told(frames, "$history").length).toBeGreaterThan(0);
  });

  it("in a handler are for later events: the past is there for the asking", async () => {
    const { room, comeBack } = await openMissed(open, {});
    const back = await comeBack();
    await back.received();
    await back.socket.sendFrame("tag", ["red"]);
    await back.received();
    await emitRed(room, "later");
    const frames = await back.until(([, data]) => data === "later");
    expect(dataIn(frames)).toEqual(["later"]);
  });

  it("say nothing of a gap to a client that comes anew, or has missed nothing", async () => {
    const { room, comeBack } = await openMissed(open, {
      onConnect: (_party, connection) => connection.setTags(["red"]),
    });
    const fresh = await FramedClient.join(room, { id: "fresh" });
    expect(told(await fresh.received(), "$history")).toEqual([]);
    const back = await comeBack();
    await back.received();
    const again = await FramedClient.join(room, { id: "ada", key: back.key, at: back.place });
    expect(told(await again.received(), "$history")).toEqual([]);
  });
});

describeDurableRooms("tags that are set in a transaction", (open) => {
  it("tell of a gap up to what is true after a rollback: what follows is not dropped", async () => {
    const { room, comeBack } = await openMissed(open, {
      onConnect: (party, connection) => {
        const rollBack = () =>
          party.transact(() => {
            party.emit("said", "never");
            connection.setTags(["red"]);
            throw new Error("rolled back");
          });
        expect(rollBack).toThrow("rolled back");
      },
    });
    const back = await comeBack();
    await emitRed(room, "new");
    const frames = await back.until(([, data]) => data === "new");
    expect(told(frames, "$history")).toMatchObject(GAP);
    expect(dataIn(frames)).toEqual(["new"]);
  });
});

// Not in a room that is put to sleep between two steps: its onConnect would not go on.
describe.each(["IN_MEMORY_DURABLE", "HIBERNATING_DURABLE"] as const)("tags (%s)", (party) => {
  const open = (script: DurableScript) => openDurableRoom(party, script);

  it("tell of a gap, too, where events came while onConnect was waiting", async () => {
    const goOn: (() => void)[] = [];
    const { room, comeBack } = await openMissed(open, {
      onConnect: async (_party, connection) => {
        await new Promise<void>((resolve) => goOn.push(resolve));
        connection.setTags(["red"]);
      },
    });
    await runInDurableObject(room.stub, () => goOn.shift()?.());
    const back = await comeBack();
    await emitRed(room, "in between");
    await runInDurableObject(room.stub, () => goOn.shift()?.());
    await emitRed(room, "new");
    const frames = await back.until(([, data]) => data === "new");
    expect(told(frames, "$history")).toMatchObject(GAP);
  });
});
