import { runInDurableObject } from "cloudflare:test";
import { randomKey } from "@partyflare/shared";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { cases } from "../../../harness/scale";
import { type DurableTestRoom, joinAs } from "./leaving";
import { operation } from "./once-call";
import { openDurableRoom } from "./rooms";
import type { TestSocket } from "./test-socket";
import { quietLog, TurnLaws } from "./turn-laws";
import { ACTIONS, HOOKS, type Program } from "./turn-programs";

/** What never comes is a breach like others, so that one run shows them all. */
const PATIENCE = { timeout: 60_000, interval: 5 };

type Open = (script: TurnLaws["script"]) => DurableTestRoom;

/** A durable event: of the history, or of a frame. */
interface Past {
  readonly offset: number;
  readonly data: { n: number; to?: string };
}

/** What the client of a connection was told, in order. */
function toldTo({ received }: TestSocket) {
  const frames = received
    .join("\n")
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as [string, Record<string, unknown>, number?]);
  const [hello] = frames;
  const history = hello?.[0] === "$hello" ? (hello[1]["history"] as Past) : undefined;
  const durable = frames.filter(([name]) => name === "said");
  return {
    start: history?.offset ?? 0,
    durable: durable.map(([, data, offset]) => ({ offset, data })),
    order: frames.flatMap(([name, data]) => {
      if (name === "$text") return [(JSON.parse(String(data)) as { n: number }).n];
      return name.startsWith("$") ? [] : [data["n"] as number];
    }),
  };
}

/** Sends unless the room has ended the connection. */
async function trySend(socket: TestSocket, frames: readonly unknown[][]): Promise<void> {
  for (const frame of frames) {
    try {
      await socket.sendFrame(...frame);
    } catch (error) {
      if (!String(error).includes("after close")) throw error;
    }
  }
}

/** Three clients do one of everything while the party does what its program says. */
async function breachesOf(open: Open, program: Program, never = false): Promise<string[]> {
  const laws = new TurnLaws(program);
  const room = open(laws.script);
  const eve = await joinAs(room, "eve");
  const bob = await joinAs(room, "bob");
  const offer = ["partyflare.1", `partyflare.key.${randomKey()}`];
  const ada = await room.connect("?_pk=ada", offer);
  const { since } = eve.hello.once;
  await trySend(ada, [
    ["say", ""],
    ["$text", "x"],
    ["$call", 1, "ask"],
    ["$call", 2, "post", null, operation(1, since)],
    ["check", { room: room.name }],
    ["unknown"],
    ["$text", "fail"],
    ["say", "again"],
    ["$call", 3, "nothing"],
  ]);
  const { breaches } = laws;
  const settled = (isSettled: () => boolean, breach: string) =>
    vi.waitUntil(isSettled, PATIENCE).catch(() => void breaches.push(breach));
  await settled(
    () => never || ada.isClosed || ada.received.join("\n").includes('["$fail",3,'),
    "ada has not been answered",
  );
  for (const socket of [bob.socket, ada]) if (!socket.isClosed) await socket.close(1000);
  await eve.socket.sendFrame("$call", 1, "ask");
  await settled(
    () => eve.socket.received.join("\n").includes('["$reply",1]'),
    "eve has not been answered",
  );
  await settled(
    () => laws.left.includes("bob") && (never || laws.left.length === laws.came.length - 1),
    `${laws.came.join()} came, and only ${laws.left.join()} left`,
  );

  const { past, kept } = await runInDurableObject(room.stub, (party) => ({
    past: party.history.read({ limit: 1_000 }) as unknown as Past[],
    kept: party.kept,
  }));
  const last = past.findLast(({ data: { to } }) => to === undefined)?.offset ?? 0;
  await settled(() => {
    const { start, durable } = toldTo(eve.socket);
    return (durable.at(-1)?.offset ?? start) >= last;
  }, `eve has not got all up to ${last}`);
  for (const [id, socket] of Object.entries({ eve: eve.socket, bob: bob.socket, ada })) {
    const { start, durable, order } = toldTo(socket);
    const visible = past
      .filter(({ offset, data: { to = id } }) => offset > start && to === id)
      .slice(0, id === "eve" ? Infinity : durable.length)
      .map(({ offset, data }) => ({ offset, data }));
    // A party that never returns may emit more, after the history was read.
    const got = never ? durable.slice(0, visible.length) : durable;
    if (JSON.stringify(got) !== JSON.stringify(visible)) {
      const offsets = [durable, visible].map((events) => events.map(({ offset }) => offset).join());
      breaches.push(`${id} got ${offsets[0]} where the history has ${offsets[1]}`);
    }
    const sorted = order.toSorted((a, b) => a - b);
    if (String(order) !== String(sorted))
      breaches.push(`${id} got frames in order ${String(order)}`);
    const [came, left] = [laws.came, laws.left].map(
      (ids) => ids.filter((one) => one === id).length,
    );
    if (came !== (id === "ada" ? Math.min(came ?? 0, 1) : 1))
      breaches.push(`${id} came ${came} times`);
    if ((left ?? 0) > (id === "eve" ? 0 : (came ?? 0))) breaches.push(`${id} left ${left} times`);
  }
  if (String(kept) !== String(laws.written)) {
    breaches.push(`kept ${String(kept)} where ${String(laws.written)} was written`);
  }
  breaches.push(...laws.unreported.map((error) => `"${error}" was not reported once`));
  await eve.socket.close(1000);
  return [...new Set(breaches)];
}

/** What an `onStart` throws resets the room, and what `onError` throws is only logged. */
function isJudged(hook: string, action: string): boolean {
  return action !== "throw" || (hook !== "onStart" && hook !== "onError");
}

/** A kind of room, and how many random programs it is tried with. */
export interface LawsKind {
  readonly party: "HIBERNATING_DURABLE" | "IN_MEMORY_DURABLE";
  readonly sleepsBetween?: boolean;
  readonly programs: number;
  /** How many actions a hook does in one room. Default: 1. More take less time, and one may hide another. */
  readonly atOnce?: number;
}

/** One file for each kind: two files can run side by side. */
export function describeTurnLaws({ party, programs: count, atOnce = 1, ...kind }: LawsKind): void {
  const open: Open = (script) => openDurableRoom(party, script, kind);

  describe("no turn is broken", () => {
    it.each(HOOKS)(
      "whatever a party does in %s",
      async (hook) => {
        const log = quietLog();
        const broken: Record<string, string[]> = {};
        const judged = ACTIONS.filter((one) => isJudged(hook, one));
        for (let start = 0; start < judged.length; start += atOnce) {
          const actions = judged.slice(start, start + atOnce);
          const breaches = await breachesOf(open, { [hook]: actions });
          if (breaches.length > 0) broken[actions.join()] = breaches;
        }
        log.mockRestore();
        expect(broken).toEqual({});
      },
      180_000,
    );

    it("whatever it does wherever", async () => {
      const log = quietLog();
      const actions = (hook: string) =>
        fc.array(fc.constantFrom(...ACTIONS.filter((one) => isJudged(hook, one))), {
          maxLength: 3,
        });
      const programs = fc.record(Object.fromEntries(HOOKS.map((hook) => [hook, actions(hook)])), {
        requiredKeys: [],
        noNullPrototype: true,
      });
      await fc.assert(
        fc.asyncProperty(programs, async (program) => {
          expect(await breachesOf(open, program)).toEqual([]);
        }),
        { numRuns: cases(count) },
      );
      log.mockRestore();
    }, 180_000);
  });

  describe("a hook of ada's", () => {
    it.each([
      "onConnect",
      "onMessage",
      "onClose",
      "onError",
      "onInvalid",
      "say",
      "ask",
      "post",
      "validate",
    ])("%s, that never returns, holds up nobody else", async (hook) => {
      const log = quietLog();
      const breaches = await breachesOf(
        (script) => {
          const own = script[hook as "onConnect"];
          const stuck = (...args: Parameters<NonNullable<typeof own>>) => {
            const result = own?.(...args);
            const id = (args[1] as { id?: string } | undefined)?.id ?? "ada";
            return id === "ada" ? never() : result;
          };
          return openDurableRoom(party, { ...script, [hook]: stuck });
        },
        {},
        true,
      );
      log.mockRestore();
      // What is never done is not counted against it.
      expect(breaches.filter((breach) => !breach.includes("was written"))).toEqual([]);
    });
  });
}

/** A promise that stays as it is. */
function never(): Promise<never> {
  return new Promise(() => {});
}
