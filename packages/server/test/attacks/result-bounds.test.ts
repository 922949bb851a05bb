import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { FramedClient } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { KEEPS_OR_FILLS } from "../once-call";

const DAY_MS = 86_400_000;

const MAX_BYTES = 16 * 1_024 * 1_024;

it("results take 16 MiB at most, also when a busy page loses rows older than those forgotten before", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    post: (_party, _from, input) => "x".repeat(Number(input)),
  });
  const sizes: number[] = [];
  const fill = async (client: FramedClient, first: number, last: number) => {
    for (let number = first; number <= last; number += 1) {
      await client.post(500_000, { number, oldest: 1 });
      const size = await runInDurableObject(room.stub, (_party, { storage }) =>
        Number(storage.sql.exec(`SELECT sum(bytes) AS b FROM partyflare_once`).one()["b"]),
      );
      sizes.push(size);
    }
  };
  const ada = await FramedClient.join(room, { id: "ada" });
  const bob = await FramedClient.join(room, { id: "bob" });
  await fill(ada, 1, 20);
  // The quieter page goes first: what is forgotten next of ada's is older than this.
  await fill(bob, 1, 8);
  await fill(ada, 21, 51);
  // She has all the answers, and frees them with the next call.
  await ada.post(1, { number: 52, oldest: 52 });
  await fill(bob, 9, 64);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_BYTES);
});

it.each([false, true])(
  "beyond 16 MiB the oldest results go first, also when a client makes up its since: %s",
  async (isForged) => {
    const room = openDurableRoom("HIBERNATING_DURABLE", KEEPS_OR_FILLS);
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
