import { runInDurableObject } from "cloudflare:test";
import { PING } from "@partyflare/shared/internal";
import { expect, it, vi } from "vitest";
import { moveClock } from "../leaving";
import { FramedClient } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { watchRows } from "../rows-read";

it.each(["in one message", "in two messages"])(
  "what waited until a connection's time was over is not handled: %s",
  async (how) => {
    const handled: string[] = [];
    let goOn = () => {};
    const room = openDurableRoom("IN_MEMORY_DURABLE", {
      onConnect: (_party, connection) => connection.expireAt(Date.now() + 60_000),
      say(_party, _from, text) {
        handled.push(text);
        if (text === "slow") return new Promise<void>((resolve) => (goOn = resolve));
        return undefined;
      },
    });
    const ada = await FramedClient.join(room);
    const frames = ['["say","slow"]', '["say","after its time"]'];
    ada.socket.sendAll(how === "in one message" ? [frames.join("\n")] : frames);
    await vi.waitFor(() => expect(handled).toEqual(["slow"]), { timeout: 60_000 });
    await scheduler.wait(50);
    moveClock(120_000);
    await runInDurableObject(room.stub, () => goOn());
    await ada.socket.closed();
    expect(handled).toEqual(["slow"]);
  },
);

it("a process that did not run kills nobody whose ping waits behind another's", async () => {
  const left: string[] = [];
  const room = openDurableRoom("IN_MEMORY_DURABLE", {
    onClose: (_party, { id }) => void left.push(id),
  });
  const [ada, bob] = [
    await FramedClient.join(room, { id: "ada" }),
    await FramedClient.join(room, { id: "bob" }),
  ];
  for (const client of [ada, bob]) {
    await client.socket.send(PING);
    await client.until(([name]) => name === "$pong");
  }
  // As after a pause of the process: what has arrived meanwhile is read one after the other.
  moveClock(200_000);
  ada.socket.sendAll([PING]);
  bob.socket.sendAll([PING]);
  for (const client of [ada, bob]) await client.until(([name]) => name === "$pong");
  expect(left).toEqual([]);
});

it("a table that a rolled back platform transaction created is created again", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", { onError: () => {} });
  // What a release without history() has left: an epoch, and no table of events.
  await (await FramedClient.join(room)).leave();
  await runInDurableObject(room.stub, (_party, { storage }) => {
    storage.sql.exec(`DROP TABLE partyflare_history`);
    storage.sql.exec(`DELETE FROM partyflare_metadata WHERE name LIKE 'slots%'`);
  });
  await room.sleep();
  const results = await runInDurableObject(room.stub, async (party) => {
    try {
      party.transactByPlatform(() => {
        party.emit("said", "ghost");
        throw new Error("rolled back");
      });
    } catch {}
    await scheduler.wait(5);
    const results: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      try {
        party.emit("said", "real");
        results.push("ok");
      } catch (error) {
        results.push(String(error));
      }
    }
    return results;
  });
  expect(results).toEqual(["ok", "ok"]);
});

it.each(["emit", "hello", "resume"])(
  "a wake reads 30 rows at most with a million events: %s",
  async (what) => {
    const room = openDurableRoom("HIBERNATING_DURABLE", {
      history: { keepEvents: 1_000_000, keepMs: 1e12, keepBytes: 1e12, onJoin: 100 },
    });
    await runInDurableObject(room.stub, (party, { storage }) => {
      party.emit("said", 1, { clients: ["x"] });
      storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
       INSERT INTO partyflare_history SELECT i, i, ${Date.now()}, 10, 10 * i, 'aaaaaaaa', 'aaaaaaaa', 'said', '{"clients":["x"]}', '["said",1]' FROM n`,
      );
    });
    const read = await watchRows(room.stub);
    await room.sleep();
    read();
    if (what === "emit") await runInDurableObject(room.stub, (party) => party.emit("said", 2));
    else {
      const epoch = await runInDurableObject(
        room.stub,
        (_party, { storage }) =>
          String(
            storage.sql.exec(`SELECT value FROM partyflare_metadata WHERE name='epoch'`).one()[
              "value"
            ],
          ).split(".")[0],
      );
      await room.sleep();
      read();
      await FramedClient.join(
        room,
        what === "resume" ? { at: { epoch: String(epoch), offset: 999_998, tag: "aaaaaaaa" } } : {},
      );
    }
    const { rows, statements } = read();
    // A first `$hello` brings 100 events along.
    const sent = what === "hello" ? 100 : 0;
    expect(rows - sent, statements.join("\n")).toBeLessThanOrEqual(30);
  },
  60_000,
);
