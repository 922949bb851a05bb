import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { watchParses } from "../../test/parses";
import { describeRooms, describeTypedRooms } from "../../test/rooms";

const FRAMED = ["partyflare.1"];

/** The platform's own default for a message of ours. */
const MAX_FRAMES = 1_024;

/** Waits in a handler until a test says so. */
async function released(log: readonly string[]): Promise<void> {
  await vi.waitUntil(() => log.includes("go on"), { timeout: 60_000, interval: 5 });
}

describeTypedRooms("a message of many frames", (open) => {
  it("is handled to the last, where there are 1,024", async () => {
    const room = open({ handle: { nothing: (_party, from) => from.id } });
    const socket = await room.connect("?_pk=ada", FRAMED);
    await socket.frame();
    const calls = Array.from({ length: MAX_FRAMES }, (_, id) => `["$call",${id},"nothing"]`);
    socket.sendAll([calls.join("\n")]);
    const replies = calls.map((_call, id) => `["$reply",${id},"ada"]`);
    await vi.waitFor(() => expect(socket.received.slice(1)).toEqual(replies), { timeout: 60_000 });
  });

  it.each([
    ["1,025 frames", Array<string>(MAX_FRAMES + 1).fill('["say",{"text":"x"}]')],
    ["1,024 frames and a newline", [...Array<string>(MAX_FRAMES).fill('["$text","x"]'), ""]],
    ["nothing but 100,000 newlines", Array<string>(100_001).fill("")],
    ["100,000 pings", Array<string>(80_000).fill('["$ping"]')],
    ["an array to a line", Array<string>(300_000).fill("[]")],
  ])("is refused as too large, and nothing of it is looked at: %s", async (_what, frames) => {
    const { log, ...room } = open({
      handle: { say: (_party, from) => from.emit("bell") },
      onMessage: (_party, _connection, message) => void log.push(`message ${String(message)}`),
      onInvalid: (_party, _connection, { code }) => void log.push(code),
      onClose: (_party, { id }, code) => void log.push(`${id} ${code}`),
    });
    const [bad, good] = [await room.connect("?_pk=bad", FRAMED), await room.connect("", FRAMED)];
    for (const socket of [bad, good]) await socket.frame();
    const parsed = watchParses((text) => text === frames[0]);
    bad.sendAll([frames.join("\n")]);
    expect(await bad.closed()).toEqual({ code: 4413, reason: "too_large" });
    const told = bad.received.slice(1).join("\n").split("\n");
    expect(told.map((text) => JSON.parse(text) as unknown)).toEqual([
      ["$error", expect.objectContaining({ code: "too_large" })],
      ["$close", { code: 4413, reason: "too_large", retry: false }],
    ]);
    await vi.waitFor(() => expect(log).toEqual(["bad 4413"]), { timeout: 60_000 });
    expect(parsed.length).toBe(0);
    await good.sendFrame("say", { text: "" });
    expect(await good.frame()).toEqual(["bell"]);
  });

  it("is bytes, or of a raw connection, and then has none: they come as they are", async () => {
    const { log, ...room } = open({
      onMessage(_party, connection, message) {
        const length = typeof message === "string" ? message.length : message.byteLength;
        log.push(`${connection.id} ${length}`);
      },
    });
    const newlines = "\n".repeat(MAX_FRAMES * 2);
    await (await room.connect("?_pk=raw")).send(newlines);
    await (await room.connect("?_pk=framed", FRAMED)).send(new TextEncoder().encode(newlines));
    await vi.waitFor(() => expect(log).toEqual(["raw 2048", "framed 2048"]), { timeout: 60_000 });
  });
});

describeTypedRooms("a frame", (open) => {
  it("is decoded in its turn, and not while it waits", async () => {
    const { log, ...room } = open({
      handle: {
        async anything(_party, _from, data) {
          log.push(String(data));
          if (data === "first") await released(log);
        },
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    const parsed = watchParses((text) => text.startsWith('["anything"'));
    const [first, second, third, fourth] = ["first", "second", "third", "fourth"].map(
      (data) => `["anything","${data}"]`,
    );
    socket.sendAll([`${first}\n${second}`, `${third}`, `${fourth}`]);
    await vi.waitFor(() => expect(log).toEqual(["first"]), { timeout: 60_000 });
    // By then the others have arrived.
    await runInDurableObject(room.stub, (party) => party.getConnections().length);
    expect(parsed).toEqual([first]);
    log.push("go on");
    await vi.waitFor(() => expect(log.at(-1)).toBe("fourth"), { timeout: 60_000 });
    expect(parsed).toEqual([first, second, third, fourth]);
  });

  it.each([
    ["in the same message", (frames: string[]) => [frames.join("\n")]],
    ["in messages behind it", (frames: string[]) => frames],
  ])("%s is decoded no more once the room has closed the connection", async (_where, sent) => {
    const { log, ...room } = open({
      handle: {
        async anything(_party, from, data) {
          log.push(String(data));
          await Promise.resolve();
          if (data === 1) from.close(4000);
          await Promise.resolve();
        },
      },
      onClose: () => void log.push("closed"),
      onInvalid: () => void log.push("invalid"),
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    const parsed = watchParses((text) => text.startsWith('["anything"'));
    const frames = Array.from({ length: 50 }, (_, index) => `["anything",${index}]`);
    socket.sendAll(sent([...frames, "no frame"]));
    expect((await socket.closed()).code).toBe(4000);
    await vi.waitFor(() => expect(log).toEqual(["0", "1", "closed"]), { timeout: 60_000 });
    expect(parsed).toEqual(frames.slice(0, 2));
  });

  it("may carry a call's id again: each call is answered, one after the other", async () => {
    const room = open({
      handle: {
        async nothing() {
          await Promise.resolve();
          return "done";
        },
      },
    });
    const socket = await room.connect("", FRAMED);
    await socket.frame();
    socket.sendAll(['["$call",1,"nothing"]\n["$call",1,"nothing"]', '["$call",1,"nothing"]']);
    for (let count = 0; count < 3; count += 1) {
      expect(await socket.frame()).toEqual(["$reply", 1, "done"]);
    }
  });

  it("costs no more promises the more frames its message has", async () => {
    const seen = { handled: 0 };
    const room = open({
      onInvalid: () => void (seen.handled += 1),
      async onMessage() {
        await Promise.resolve();
        seen.handled += 1;
      },
    });
    const socket = await room.connect("?_pk=ada", FRAMED);
    await socket.frame();
    /** Microtasks from the last frame to the end of the message: each promise in another is a few. */
    const ticksOf = (count: number) =>
      runInDurableObject(room.stub, async (party) => {
        const ada = party.getConnection("ada");
        if (!ada) throw new Error("Ada is not there.");
        const frames = Array.from({ length: count }, (_, index) =>
          index % 50 === 49 ? '["$text",""]' : '["x"]',
        );
        const work = { isDone: false, ticks: 0 };
        seen.handled = 0;
        const message = Promise.resolve(party.webSocketMessage(ada.socket, frames.join("\n")));
        const done = message.then(() => (work.isDone = true));
        for (let tick = 0; tick < 100_000 && !work.isDone; tick += 1) {
          if (seen.handled === count) work.ticks += 1;
          await Promise.resolve();
        }
        await done;
        return work.ticks;
      });
    const few = await ticksOf(20);
    expect(await ticksOf(1_000)).toBeLessThanOrEqual(few + 10);
  });
});

describeRooms("messages that wait", (open) => {
  it.each<[string, string | Uint8Array, number]>([
    ["one byte for a character of Latin-1", "é".repeat(500_000), 8],
    ["two bytes for any other", "€".repeat(349_525), 6],
    ["two bytes for each, where one is another", `${"a".repeat(600_000)}€`, 3],
    ["bytes as they are", new Uint8Array(1_024 * 1_024), 4],
  ])("hold 4 MiB, counted as memory has them: %s", async (_what, message, most) => {
    const { log, ...room } = open({
      async onMessage(_party, connection) {
        log.push(connection.id);
        await released(log);
      },
      onClose: (_party, { id }, code) => void log.push(`${id} ${code}`),
    });
    const [much, enough] = [await room.connect("?_pk=much"), await room.connect("?_pk=enough")];
    // The first is being handled, and waits for nobody.
    const messages = (count: number) => Array<typeof message>(count + 1).fill(message) as string[];
    much.sendAll(messages(most + 1));
    enough.sendAll(messages(most));
    expect(await much.closed()).toEqual({ code: 4429, reason: "rate_limited" });
    log.push("go on");
    const handled = (id: string) => log.filter((entry) => entry === id).length;
    await vi.waitFor(() => expect(handled("enough")).toBe(most + 1), { timeout: 60_000 });
    await vi.waitFor(() => expect(log).toContain("much 4429"), { timeout: 60_000 });
    expect(enough.isClosed).toBe(false);
    expect(handled("much")).toBe(1);
  });
});
