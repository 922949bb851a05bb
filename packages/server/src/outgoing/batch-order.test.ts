import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../../harness/scale";
import { openTypedRoom, type TypedParty } from "../../test/rooms";
import type { TestSocket } from "../../test/test-socket";
import { BATCH_WINDOW_MS, type TypedRoom } from "../../test/typed-parties";

const NAMES = ["ada", "bob", "raw"] as const;

const AUDIENCE = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...NAMES).map((id) => ({ except: [id] })),
  fc.constantFrom(...NAMES).map((id) => ({ to: [id] })),
  fc.constantFrom("host", "guest").map((tag) => ({ tags: [tag] })),
);

const ONE = fc.constantFrom(...NAMES);

/** What a room does at once. */
const ACTION = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("emit"), to: AUDIENCE }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("emit"),
      to: AUDIENCE,
      latestBy: fc.constantFrom("a", "b"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("broadcast") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("send", "emit to one", "send bytes", "retag"),
      id: ONE,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("close", "expire"), id: ONE }) },
);

/** What a room does, one after the other. */
const STEP = fc.oneof(
  { weight: 12, arbitrary: ACTION },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("commit", "roll back"),
      within: fc.array(ACTION, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait"), windows: fc.constantFrom(0.3, 1, 2) }),
  },
);

interface Step {
  readonly kind: string;
  readonly to?: object;
  readonly latestBy?: string;
  readonly id?: string;
  readonly within?: readonly Step[];
  readonly windows?: number;
}

describe.each(["HIBERNATING_TYPED", "IN_MEMORY_TYPED", "BATCHED"] as const)(
  "a room with a window (%s), beside one without",
  (party) => {
    it("sends everyone the same in the same order, but for what a later one replaces", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 30 }), async (steps) => {
          const plain = await played("UNBATCHED", steps);
          const batched = await played(party, steps);
          expect(batched.get("raw")).toEqual(plain.get("raw"));
          for (const name of NAMES) {
            const [sent, all] = [batched.get(name) ?? [], plain.get(name) ?? []];
            expect(all.filter((frame) => sent.includes(frame))).toEqual(sent);
            for (const lost of all.filter((frame) => !sent.includes(frame))) {
              const key = keyOf(lost);
              const later = all.slice(all.indexOf(lost) + 1).filter((each) => sent.includes(each));
              // One whose time is over gets no more: of what waited for it, neither.
              const isOver = later.every((frame) => frame.startsWith('["$close",{"code":4401'));
              const isReplaced = key !== undefined && later.some((frame) => keyOf(frame) === key);
              expect(isOver || isReplaced, `${lost} was lost`).toBe(true);
            }
          }
        }),
        { numRuns: cases(25) },
      );
    });
  },
);

/** Plays the steps in a room, and tells what each connection was sent, frame by frame. */
async function played(party: TypedParty, steps: readonly Step[]): Promise<Map<string, string[]>> {
  let hasBegun = false;
  const room = openTypedRoom(party, {
    // What users do in hooks: they tell everybody, and one of them, close others, and change tags.
    onClose: (party, { id }) => {
      if (!hasBegun) return;
      party.emit("anything", `${id} has left`);
      party.getConnection("ada")?.emit("anything", `${id} has left you`);
      if (id === "bob") party.getConnection("ada")?.setTags(["host"]);
      else party.getConnection("bob")?.close(4000, "no company");
      party.emit("anything", `${id} is gone`, { tags: ["host"] });
    },
    onMessage: async (party) => {
      hasBegun = true;
      for (const [index, step] of steps.entries()) await play(party, String(index), step);
      for (const connection of party.getConnections()) connection.close();
    },
  });
  const sockets = new Map<string, TestSocket>();
  for (const name of NAMES) {
    const isRaw = name === "raw";
    const socket = await room.connect(`?_pk=${name}`, isRaw ? undefined : ["partyflare.1"]);
    if (!isRaw) await socket.frame();
    sockets.set(name, socket);
  }
  await sockets.get("raw")?.send("go");
  const received = new Map<string, string[]>();
  for (const [name, socket] of sockets) {
    await socket.closed();
    const texts = socket.received.map((message) =>
      typeof message === "string" ? message : `bytes ${new TextDecoder().decode(message)}`,
    );
    received.set(
      name,
      texts.flatMap((text) => text.split("\n")).filter((frame) => !frame.startsWith('["$hello')),
    );
  }
  return received;
}

/** Each step sends something that no other does. */
async function play(party: TypedRoom, mark: string, step: Step): Promise<void> {
  const { kind, within = [], windows = 1 } = step;
  if (kind === "wait") return scheduler.wait(windows * BATCH_WINDOW_MS);
  if (within.length === 0) return act(party, mark, step);
  try {
    party.transactionSync(() => {
      for (const [index, action] of within.entries()) act(party, `${mark}.${index}`, action);
      if (kind === "roll back") throw new Error("undone");
    });
  } catch (error) {
    if (String(error) !== "Error: undone") throw error;
  }
}

function act(party: TypedRoom, mark: string, { kind, to, latestBy, id = "" }: Step): void {
  const connection = party.getConnection(id);
  if (kind === "emit") party.emit("anything", { mark, latestBy }, { ...to, latestBy });
  else if (kind === "broadcast") party.broadcast(`text ${mark}`);
  else if (kind === "send") connection?.send(`to one ${mark}`);
  else if (kind === "emit to one") connection?.emit("anything", `to one ${mark}`);
  else if (kind === "send bytes") connection?.send(Uint8Array.from(new TextEncoder().encode(mark)));
  else if (kind === "retag") connection?.setTags(connection.tags.includes("host") ? [] : ["host"]);
  else if (kind === "expire") {
    connection?.expireAt(Date.now() - 1);
    // A use, which closes it: else the end of a window is one, and the room without has none.
    connection?.send(`too late ${mark}`);
  } else connection?.close();
}

function keyOf(frame: string): string | undefined {
  return /"latestBy":"(\w)"/.exec(frame)?.[1];
}
