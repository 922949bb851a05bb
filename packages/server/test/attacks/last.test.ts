import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { FramedClient } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { receive } from "../../src/incoming/receive";

const DAY_MS = 86_400_000;

it.each([false, true])(
  "beyond 16 MiB the oldest results go first, also when a client makes up its since: %s",
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

it("a storm of takeovers", async () => {
  const { log, ...room } = openDurableRoom("HIBERNATING_DURABLE", {
    async onConnect(_party, connection) {
      log.push(`+${connection.client.length}`);
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

it("onConnect that throws an odd value closes the connection", async () => {
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

it("a connection whose expiry passes in a handler is not replied to, and closes", async () => {
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

it("a rate of bytes counts bytes", async () => {
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
