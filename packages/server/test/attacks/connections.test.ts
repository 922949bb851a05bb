import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import { expect, it, vi } from "vitest";
import { FramedClient } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { receive } from "../../src/incoming/receive";

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
    timeout: 60_000,
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
  await vi.waitFor(() => expect(ada.socket.isClosed).toBe(true), { timeout: 60_000 });
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
