import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { FramedClient } from "../test/framed-client";
import { moveClock } from "../test/leaving";
import { openDurableRoom } from "../test/rooms";
import { receive } from "./incoming/receive";

const DAY_MS = 86_400_000;

it.each([false, true])(
  "ATTACK: beyond 16 MiB the oldest results go first, also when a client makes up its since: %s",
  async (isForged) => {
    const room = openDurableRoom("HIBERNATING_DURABLE", {
      post(party, _from, input) {
        if (typeof input === "string") party.keep(input);
        return "x".repeat(Number(input) || 1);
      },
    });
    const mallory = await FramedClient.join(room, { id: "mallory" });
    const [epoch] = mallory.hello.once.since.split(".");
    const since = isForged ? `${epoch}.${Date.now() + 10 * DAY_MS}` : mallory.hello.once.since;
    for (let number = 1; number <= 31; number += 1)
      await mallory.post(500_000, { oldest: 1, since });
    const ada = await FramedClient.join(room, { id: "ada" });
    expect((await ada.post("ada's")).answer[0]).toBe("$reply");
    // One more call of anybody's, and ada's repeat of a call of a moment ago.
    const bob = await FramedClient.join(room, { id: "bob" });
    for (let n = 0; n < 3; n += 1) await bob.post(500_000, { oldest: 1 });
    const { answer } = await ada.post("ada's", { number: 1, repeat: true });
    expect(answer.slice(0, 2)).toEqual(["$reply", 1]);
  },
);

it("ATTACK: one small message causes no more output than bufferedBytes and a page", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE");
  const ada = await FramedClient.join(room, { id: "ada" });
  await runInDurableObject(room.stub, (party) => {
    for (let n = 0; n < 100; n += 1)
      party.emit("said", "x".repeat(8_000), { clients: ["x", ada.hello.id] });
    for (let n = 0; n < 100; n += 1) party.emit("said", "x".repeat(8_000), { except: ["ada"] });
    party.getConnection("ada")?.setTags(["t"]);
  });
  const bob = await FramedClient.join(room, { id: "bob" });
  const frames = Array.from({ length: 200 }, (_, id) => `["$call",${id},"$history",{}]`).join("\n");
  await bob.socket.send(frames);
  await vi
    .waitFor(() => expect(bob.socket.received.length).toBeGreaterThanOrEqual(200), {
      timeout: 20_000,
    })
    .catch(() => {});
  const bytes = bob.socket.received.reduce((sum, each) => sum + String(each).length, 0);
  console.log(`${frames.length} bytes in, ${bytes} bytes out`);
  expect(bytes).toBeLessThan(2 * 1_048_576);
}, 60_000);

it("TRIED: a storm of takeovers", async () => {
  const { log, ...room } = openDurableRoom("HIBERNATING_DURABLE", {
    async onConnect(_party, connection) {
      log.push(`+${[...String(connection.client)].length}`);
      await scheduler.wait(Math.random() * 5);
      log.push("connected");
    },
    onClose: () => void log.push("-"),
  });
  const key = randomKey();
  const all = await Promise.allSettled(
    Array.from({ length: 40 }, () =>
      room.connect("?_pk=ada", ["partyflare.1", `partyflare.key.${key}`]),
    ),
  );
  await vi.waitFor(() => expect(log.filter((each) => each === "-").length).toBe(39), {
    timeout: 10_000,
  });
  expect(all.filter(({ status }) => status === "fulfilled").length).toBe(40);
  expect(log.filter((each) => each === "connected").length).toBe(40);
  const listed = await runInDurableObject(room.stub, (party) => party.getConnections().length);
  expect(listed).toBe(1);
});

it("ATTACK: onConnect that throws an odd value closes the connection", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    onConnect() {
      throw {
        get code() {
          throw new Error("code");
        },
      };
    },
    onError: () => {},
  });
  const ada = await FramedClient.join(room);
  await vi.waitFor(() => expect(ada.socket.isClosed).toBe(true), { timeout: 3_000 });
});

it("ATTACK: a once handler that wipes the storage", async () => {
  const errors: string[] = [];
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    post(party, _from, input) {
      if (input === "wipe") void party.storage.deleteAll();
      party.keep(String(input));
      return input;
    },
    onError: (_party, error) => void errors.push(String(error)),
  });
  const ada = await FramedClient.join(room);
  await ada.post("one");
  const first = (await ada.post("wipe")).answer;
  const second = (await ada.post("two")).answer;
  const kept = await runInDurableObject(room.stub, (party) => party.kept);
  console.log(JSON.stringify({ first, second, kept, errors }));
  expect(second[0]).toBe("$reply");
  // All or nothing: a call that was refused has kept nothing.
  expect(kept.includes("wipe")).toBe(first[0] === "$reply");
});

it("TRIED: a connection whose expiry passes in a handler is not replied to, and closes", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    ask: (_party, from) => {
      from.expireAt(Date.now() - 1);
      return "late";
    },
  });
  const ada = await FramedClient.join(room);
  await ada.socket.sendFrame("$call", 1, "ask", null);
  expect(await ada.socket.closed()).toMatchObject({ code: 4401 });
  expect(ada.socket.received.map(String).join()).not.toContain("late");
});

it("ATTACK: a rate of bytes counts bytes", async () => {
  const counted: number[] = [];
  const room = {
    limits: { messageBytes: 1_048_576 },
    rates: {
      take(_connection: unknown, _frames: number, bytes: number) {
        counted.push(bytes);
        return null;
      },
    },
  };
  const connection = {
    expire: () => false,
    isFramed: false,
    queue: { isBusy: false, push: () => {} },
  };
  const text = "\u4e00".repeat(100_000);
  void receive(room as never, connection as never, text);
  expect(counted).toEqual([new TextEncoder().encode(text).length]);
});

it("ATTACK: a connection whose response is held for a while by the app is not closed", async () => {
  const left: number[] = [];
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    onClose: (_party, _connection, code) => void left.push(code),
  });
  await runInDurableObject(room.stub, async (party) => {
    // As a subclass does that overrides `fetch`, or what instruments it.
    const response = await party.fetch(
      new Request("https://example.com/?_pk=ada", {
        headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": "partyflare.1" },
      }),
    );
    expect(response.status).toBe(101);
    moveClock(11_000);
    void party.getConnections();
    await scheduler.wait(20);
  });
  expect(left).toEqual([]);
});
