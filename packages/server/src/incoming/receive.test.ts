import { describe, expect, it, vi } from "vitest";
import { describeRooms } from "../../test/rooms";
import { SerialQueue } from "../connections/serial-queue";

describeRooms("the messages of a connection", (open) => {
  it("are handled one after the other, in the order they were sent", async () => {
    const log: string[] = [];
    const room = await open({
      async onConnect() {
        await scheduler.wait(10);
        log.push("connected");
      },
      async onMessage(_party, connection, message) {
        log.push(`${String(message)} begins`);
        await scheduler.wait(message === "1" ? 10 : 1);
        log.push(`${String(message)} ends`);
        connection.send(message);
      },
      onClose: () => void log.push("closed"),
    }).kit();
    const socket = await room.joinRaw();
    for (const message of ["1", "2", "3"]) socket.send(message);
    for (const message of ["1", "2", "3"]) expect(await socket.next()).toBe(message);
    await socket.close();
    await socket.waitUntil(() => log.at(-1) === "closed");
    expect(log).toEqual([
      "connected",
      ...["1", "2", "3"].flatMap((message) => [`${message} begins`, `${message} ends`]),
      "closed",
    ]);
  });

  it("are all handled before its onClose when the client sends and leaves", async () => {
    const log: string[] = [];
    const room = await open({
      async onMessage(_party, _connection, message) {
        await scheduler.wait(2);
        log.push(String(message));
      },
      onClose: () => void log.push("closed"),
    }).kit();
    const socket = await room.joinRaw();
    for (const message of ["1", "2", "3"]) socket.send(message);
    await socket.close();
    await socket.waitUntil(() => log.length === 4);
    expect(log).toEqual(["1", "2", "3", "closed"]);
  });

  it("are dropped once the room has closed it", async () => {
    const log: string[] = [];
    const room = await open({
      async onMessage(_party, connection, message) {
        await scheduler.wait(5);
        log.push(String(message));
        connection.close(4000);
        await scheduler.wait(5);
        log.push("handler ends");
      },
      onClose: () => void log.push("closed"),
    }).kit();
    const socket = await room.joinRaw();
    for (const message of ["1", "2", "3"]) socket.send(message);
    expect((await socket.closed()).code).toBe(4000);
    await socket.waitUntil(() => log.length === 3);
    expect(log).toEqual(["1", "handler ends", "closed"]);
  });

  it("do not hold up those of another connection", async () => {
    const log: string[] = [];
    const room = await open({
      async onMessage(_party, connection, message) {
        if (connection.id === "slow")
          await vi.waitUntil(() => log.includes("fast"), { timeout: 60_000 });
        log.push(String(message));
        connection.send("done");
      },
    }).kit();
    const slow = await room.joinRaw({ id: "slow" });
    const fast = await room.joinRaw();
    slow.send("slow");
    fast.send("fast");
    await slow.next();
    expect(log).toEqual(["fast", "slow"]);
  });

  it("may wait up to 1,024, and the connection that sends more is closed with 4429", async () => {
    const log: string[] = [];
    const room = await open({
      async onMessage() {
        await vi.waitUntil(() => log.includes("go on"), { timeout: 60_000 });
      },
      onClose: (_party, _connection, code) => void log.push(`closed ${code}`),
    }).kit();
    const socket = await room.joinRaw();
    for (let count = 0; count < 1_026; count += 1) socket.send("x");
    expect(await socket.closed()).toEqual({ code: 4429, reason: "rate_limited" });
    log.push("go on");
    await socket.waitUntil(() => log.length === 2);
    expect(log).toEqual(["go on", "closed 4429"]);
  });
});

describe("a serial queue", () => {
  it("runs a turn at once where nothing is in the way, without a promise", () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    expect(queue.push(() => void log.push("ran"))).toBeUndefined();
    expect(log).toEqual(["ran"]);
    expect(queue.settled).toBeUndefined();
  });

  it("lets a turn that is begun inside another wait for its end", async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    await queue.push(() => {
      queue.push(() => void log.push("inner"))?.catch(() => {});
      log.push("outer");
    });
    expect(log).toEqual(["outer", "inner"]);
  });

  it("admits 4 MiB of waiting messages, and no byte more", async () => {
    const queue = new SerialQueue();
    let resolve = () => {};
    const running = queue.push(() => new Promise<void>((done) => (resolve = done)));
    const half = 2 * 1_024 * 1_024;
    void queue.push(() => {}, half);
    expect(queue.admits(half)).toBe(true);
    void queue.push(() => {}, half);
    expect(queue.admits(1)).toBe(false);
    resolve();
    await running;
    expect(queue.admits(1)).toBe(true);
  });
});
