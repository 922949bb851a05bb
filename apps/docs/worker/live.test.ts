import { env } from "cloudflare:workers";
import { openRoom, type TestRoom } from "partyflare/testing";
import { expect, it } from "vitest";
import type { Live } from "./live";

/** Longer than a room keeps what it has stored. */
const LATER_MS = 61 * 60 * 1_000;

const ada = { query: { name: "Ada" } };

const tablesOf = (room: TestRoom<Live>) =>
  room.run((_live, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master")
      .toArray()
      .map(({ name }) => name),
  );

it("deletes what a reader has left, and not before the reader has left", async () => {
  const room = await openRoom(env.Live);
  const reader = await room.join(ada);
  await reader.call("say", { id: "1", text: "hello" });
  await reader.call("pack", { item: "lamp", isPacked: true });
  await room.advance(LATER_MS);
  expect(await tablesOf(room)).not.toEqual([]);

  await reader.close();
  await room.advance(LATER_MS);
  expect(await tablesOf(room)).toEqual([]);

  const next = await room.join(ada);
  await next.waitUntil(() => next.shared.value?.packed.lamp === false);
  await next.call("say", { id: "2", text: "anew" });
  expect(await next.next("said")).toMatchObject({ text: "anew" });
});

it("deletes the room of a reader who has only looked, also the second time", async () => {
  const room = await openRoom(env.Live);
  for (let visit = 0; visit < 2; visit += 1) {
    const reader = await room.join(ada);
    await reader.close();
    expect(await tablesOf(room)).not.toEqual([]);
    await room.advance(LATER_MS);
    expect(await tablesOf(room)).toEqual([]);
  }
});

it("lets nobody in but Ada and Grace", async () => {
  const room = await openRoom(env.Live);
  for (const query of [{}, { name: "Mallory" }, { name: "constructor" }]) {
    await expect(room.join({ query })).rejects.toMatchObject({ code: "forbidden" });
  }
  expect(await tablesOf(room)).toEqual([]);
});
