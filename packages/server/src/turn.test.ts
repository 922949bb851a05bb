import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { describe, expect, it, vi } from "vitest";
import type { DurableRoom } from "../test/durable-party";
import {
  CODE_OF,
  type DurableTestRoom,
  framesOf,
  joinAs,
  makeLeave,
  pingAndFallSilent,
  WAYS_TO_LEAVE,
  type WayToLeave,
  withoutTag,
} from "../test/leaving";
import { describeDurableRooms, openDurableRoom } from "../test/rooms";
import type { TestSocket } from "../test/test-socket";

const FRAMED = ["partyflare.1"];

async function kept(room: DurableTestRoom): Promise<string[]> {
  return runInDurableObject(room.stub, (party) => party.kept);
}

/** Two clients, the second about to be found dead where that is the way. */
async function eveAndBob(room: DurableTestRoom, way?: WayToLeave) {
  const eve = await joinAs(room, "eve");
  const bob = await joinAs(room, "bob");
  if (way === "dead") await pingAndFallSilent(bob.socket);
  return { eve, bob };
}

/** The texts of the durable events that have come, each at its offset. */
async function saidTo(socket: TestSocket, count: number): Promise<unknown[]> {
  const frames = withoutTag(await framesOf(socket, count)) as [string, string, number][];
  expect(frames.map(([, , offset]) => offset)).toEqual(frames.map((_frame, index) => index + 1));
  return frames.map(([, text]) => text);
}

describeDurableRooms("a connection that has left", (open, party) => {
  // A room in memory finds the dead by a timer, which a clock that jumps does not call: dead.test.ts.
  const ways = WAYS_TO_LEAVE.filter((way) => way !== "dead" || party === "HIBERNATING");

  it("in a call that happens once has its onClose behind it, and frames keep their order", async () => {
    const room = open({
      post(party) {
        party.getConnection("bob")?.close(4000, "kicked");
        party.emit("said", "bob was kicked");
      },
      onClose: (party, connection) => party.emit("said", `${connection.id} left`),
    });
    const { eve } = await eveAndBob(room);
    await eve.post(1);
    const frames = withoutTag(await framesOf(eve.socket, 3)) as unknown[][];
    expect(frames.filter(([name]) => name === "said")).toEqual([
      ["said", "bob was kicked", 1],
      ["said", "bob left", 2],
    ]);
    expect(frames).toContainEqual(["$reply", 1]);
  });

  it.each(ways)("%s, in the midst of an emit, has its onClose behind it", async (way) => {
    let isEmitting = false;
    const { log, ...room } = open({
      say(party) {
        makeLeave(way, party.getConnection("bob"));
        isEmitting = true;
        party.emit("said", "news");
        isEmitting = false;
        expect(party.getConnection("bob")).toBeUndefined();
        party.emit("said", "more");
      },
      onClose(party, connection, code) {
        log.push(`${connection.id} ${code}${isEmitting ? " on the stack of emit" : ""}`);
        party.emit("said", `${connection.id} left`);
      },
    });
    const { eve } = await eveAndBob(room, way);
    await eve.socket.sendFrame("say", "");
    const said = await saidTo(eve.socket, 3);
    // A room finds a dead connection before it hands on what came.
    expect(said.filter((text) => text !== "bob left")).toEqual(["news", "more"]);
    if (way !== "dead") expect(said.at(-1)).toBe("bob left");
    expect(log).toEqual([`bob ${CODE_OF[way]}`]);
  });

  it.each(ways)("%s, is in no list from that moment on", async (way) => {
    const { log, ...room } = open({
      say(party) {
        const bob = party.getConnection("bob");
        makeLeave(way, bob);
        party.emit("passing", "");
        const listed = party.getConnections().map(({ id }) => id);
        log.push(listed.join(), String(party.getConnection("bob")?.id), String(bob?.readyState));
      },
    });
    const { eve } = await eveAndBob(room, way);
    await eve.socket.sendFrame("say", "");
    await eve.socket.frame();
    const [listed, found, readyState] = log;
    expect([listed, found]).toEqual(["eve", "undefined"]);
    // One that was dead already was not there to be found.
    if (way !== "dead") expect(Number(readyState)).toBeGreaterThanOrEqual(2);
  });

  it.each(
    ways.flatMap((way) => [
      [way, "the library's transaction"] as const,
      [way, "the platform's transaction"] as const,
    ]),
  )("%s, in %s that is rolled back, keeps what its onClose writes", async (way, whose) => {
    let isInTransaction = false;
    const { log, ...room } = open({
      say(party) {
        rollBack(party, whose, () => {
          isInTransaction = true;
          makeLeave(way, party.getConnection("bob"));
          party.broadcast("not sent by the library's");
          party.getConnections();
          isInTransaction = false;
        });
        // What is not sent in a transaction finds nobody who is not to get it.
        party.emit("passing", "");
      },
      onClose(party, connection, code) {
        log.push(`${connection.id} ${code}${isInTransaction ? " in the transaction" : ""}`);
        party.keep(`${connection.id} left`);
        party.emit("said", `${connection.id} left`);
      },
      onError: () => {},
    });
    const { eve, bob } = await eveAndBob(room, way);
    await eve.socket.sendFrame("say", "");
    await vi.waitFor(() => expect(log).toEqual([`bob ${CODE_OF[way]}`]), { timeout: 60_000 });
    if (way !== "dead") await bob.socket.closed();
    await eve.socket.sendFrame("$call", 1, "ask");
    await vi.waitFor(() => expect(eve.socket.frames.at(-1)).toEqual(["$reply", 1]), {
      timeout: 60_000,
    });
    expect(await kept(room)).toEqual(["bob left"]);
    expect(eve.socket.frames).toContainEqual(["said", "bob left", 1, expect.any(String)]);
    expect(log.length).toBe(1);
  });

  it.each([
    ["committed", ["$text", "$close"]],
    ["rolled back", ["$close"]],
  ])("in a transaction that is %s gets what that sent before: %j", async (end, names) => {
    const { log, ...room } = open({
      say(party) {
        party.transact(() => {
          const bob = party.getConnection("bob");
          bob?.send("before");
          bob?.close(4000, "kicked");
          bob?.send("after");
          party.emit("passing", "after");
          log.push(`${bob?.readyState} ${party.getConnections().length}`);
          if (end === "rolled back") throw new Error(end);
        });
      },
      onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
      onError: () => {},
    });
    const { eve, bob } = await eveAndBob(room);
    await eve.socket.sendFrame("say", "");
    expect(await bob.socket.closed()).toEqual({ code: 4000, reason: "kicked" });
    const frames = bob.socket.received.slice(1).join("\n").split("\n");
    expect(frames.map((frame) => (JSON.parse(frame) as [string])[0])).toEqual(names);
    await vi.waitFor(() => expect(log).toEqual([expect.stringMatching(/^[23] 1$/), "bob 4000"]), {
      timeout: 60_000,
    });
  });
});

describeDurableRooms("a connection that has expired before it is there", (open) => {
  it("is refused, neither onConnect nor onClose runs, and one with its id stays", async () => {
    let expires = false;
    const { log, ...room } = open({
      getConnectionTags(_party, connection) {
        if (expires) connection.expireAt(Date.now() - 1);
        return [];
      },
      onConnect: (_party, { id }) => void log.push(`${id} came`),
      onClose: (_party, { id }, code) => void log.push(`${id} ${code}`),
    });
    const key = randomKey();
    const eve = await joinAs(room, "eve");
    const bob = await joinAs(room, "bob", { key });
    expires = true;
    for (const id of ["bob", "new"]) {
      const refused = await room.connect(`?_pk=${id}`, [...FRAMED, `partyflare.key.${key}`]);
      expect(await refused.frame()).toMatchObject(["$close", { code: 4401 }]);
      expect(await refused.closed()).toEqual({ code: 4401, reason: "unauthorized" });
    }
    expect(bob.socket.isClosed).toBe(false);
    const listed = await runInDurableObject(room.stub, (party) =>
      party.getConnections().map(({ id }) => id),
    );
    expect(listed.toSorted()).toEqual(["bob", "eve"]);
    await eve.socket.sendFrame("say", "on");
    expect(await saidTo(eve.socket, 1)).toEqual(["on"]);
    expect(log).toEqual(["eve came", "bob came"]);
  });
});

describe.each(["IN_MEMORY_DURABLE", "HIBERNATING_DURABLE"] as const)(
  "a connection (%s)",
  (kind) => {
    it("that expires during its onConnect has its onClose when that is done", async () => {
      const { log, ...room } = openDurableRoom(kind, {
        async onConnect(party, connection) {
          log.push(`${connection.id} comes`);
          if (connection.id !== "bob") return;
          connection.expireAt(Date.now() - 1);
          party.emit("said", "bob has come");
          await vi.waitUntil(() => log.includes("go on"), { timeout: 60_000 });
          log.push("bob came");
        },
        onClose: (_party, connection, code) => void log.push(`${connection.id} ${code}`),
      });
      const eve = await joinAs(room, "eve");
      const bob = room.connect("?_pk=bob", FRAMED);
      await framesOf(eve.socket, 1);
      const listed = await runInDurableObject(room.stub, (party) => party.getConnections().length);
      log.push(`${listed} there`, "go on");
      await vi.waitFor(() => expect(log.at(-1)).toBe("bob 4401"), { timeout: 60_000 });
      expect(log).toEqual(["eve comes", "bob comes", "1 there", "go on", "bob came", "bob 4401"]);
      expect(await (await bob).closed()).toMatchObject({ code: 4401 });
    });
  },
);

/** Runs it in a transaction of either kind, which is rolled back. */
function rollBack(
  party: DurableRoom,
  whose: "the library's transaction" | "the platform's transaction",
  run: () => void,
): void {
  const transact = (step: () => void) =>
    whose === "the library's transaction" ? party.transact(step) : party.transactByPlatform(step);
  expect(() =>
    transact(() => {
      run();
      throw new Error("rolled back");
    }),
  ).toThrow("rolled back");
}
