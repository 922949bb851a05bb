import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { DurableScript } from "../durable-party";
import { FramedClient, type Operation } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { KEEPS_OR_FILLS } from "../once-call";
import { stopClock } from "../stop-clock";

const DAY_MS = 86_400_000;
const KEEPS: DurableScript = {
  post(party, _from, input) {
    party.keep(String(input));
    return party.kept.length;
  },
  onError: () => {},
};

function repeatOf({ page, hello }: FramedClient): Operation {
  return { page, since: hello.once.since, number: 1, repeat: true };
}

it.each([1, 2, 3, 30])(
  "a repeat after %i quiet days is not carried out a second time",
  async (days) => {
    const clock = stopClock();
    const room = openDurableRoom("HIBERNATING_DURABLE", KEEPS);
    const ada = await FramedClient.join(room);
    await ada.post("one");
    await ada.leave();
    clock.atMs += days * DAY_MS;
    await room.sleep();
    const back = await FramedClient.join(room, { key: ada.key });
    const { answer } = await back.post("one", repeatOf(ada));
    const kept = await runInDurableObject(room.stub, (party) => party.kept);
    expect({ answer: answer[0], kept }).toMatchObject({ kept: ["one"] });
  },
);

it("one client's forged `since` costs other clients no promise", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", KEEPS_OR_FILLS);
  const mallory = await FramedClient.join(room, { id: "mallory" });
  const [epoch] = mallory.hello.once.since.split(".");
  const since = `${epoch}.${Date.now() + 10 * DAY_MS}`;
  for (let number = 1; number <= 40; number += 1) {
    await mallory.post(500_000, { oldest: 1, since });
  }
  await mallory.leave();
  // A client that comes after all that: the first sending of its call was lost.
  const late = await FramedClient.join(room, { id: "late" });
  const { answer } = await late.post("late", repeatOf(late));
  expect(answer.slice(0, 2)).toEqual(["$reply", 1]);
});

it("results take 16 MiB at most, also when answered ones are evicted", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    post: (_party, _from, input) => "x".repeat(Number(input)),
  });
  const size = () =>
    runInDurableObject(room.stub, (_party, { storage }) =>
      Number(storage.sql.exec(`SELECT sum(bytes) AS b FROM partyflare_once`).one()["b"]),
    );
  const most: number[] = [];
  const ada = await FramedClient.join(room, { id: "ada" });
  for (let cycle = 0; cycle < 6; cycle += 1) {
    const page = `cycle${cycle}`;
    let number = 0;
    await ada.post(1, { page, number: (number += 1), oldest: 1 });
    for (let count = 0; count < 31; count += 1) {
      await ada.post(520_000, { page, number: (number += 1), oldest: 1 });
      most.push(await size());
    }
    // It has all the answers, and frees them with the next call.
    number += 1;
    await ada.post(520_000, { page, number, oldest: number });
    most.push(await size());
  }
  expect(Math.max(...most)).toBeLessThanOrEqual(16 * 1_024 * 1_024);
});

it("what results take is measured as it is stored", async () => {
  const room = openDurableRoom("HIBERNATING_DURABLE", {
    post: (_party, _from, input) => "\u4e00".repeat(Number(input)),
  });
  const ada = await FramedClient.join(room, { id: "ada" });
  for (let number = 1; number <= 33; number += 1) await ada.post(500_000, { oldest: 1 });
  const stored = await runInDurableObject(room.stub, (_party, { storage }) =>
    Number(
      storage.sql.exec(`SELECT sum(length(CAST(outcome AS BLOB))) AS b FROM partyflare_once`).one()[
        "b"
      ],
    ),
  );
  expect(stored).toBeLessThanOrEqual(16 * 1_024 * 1_024);
});
