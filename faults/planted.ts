import { readFile } from "node:fs/promises";
import type { Patch } from "./harness/bundle.ts";
import { delivery } from "./runs/delivery.ts";
import { deliveryNetwork } from "./runs/delivery-network.ts";
import { hooks } from "./runs/hooks.ts";
import { network } from "./runs/network.ts";
import { presence } from "./runs/presence.ts";
import { racers } from "./runs/racers.ts";
import { refused } from "./runs/refused.ts";
import type { RunContext, RunFunction, RunResult } from "./runs/run.ts";
import { storm } from "./runs/storm.ts";
import { eventWindow } from "./runs/window.ts";

/** A mistake that the library could have, and what must come of it. */
interface PlantedFault extends Patch {
  readonly name: string;
  /** What else has to be changed for it. */
  readonly also?: readonly Patch[];
  readonly run: RunFunction;
  /** What the run must say when it fails: that it failed is not enough. */
  readonly seenAs: RegExp;
}

const FAULTS: readonly PlantedFault[] = [
  {
    name: "drop a close",
    file: "packages/server/src/room.ts",
    find: "const done = connection.queue.push(() =>",
    replace: "if (code === NO_CLOSE_FRAME) return;\n    const done = connection.queue.push(() =>",
    run: network,
    seenAs: /has gone without an onClose/,
  },
  {
    name: "leak a registry entry",
    file: "packages/server/src/connections/connection-index.ts",
    find: "if (this.#byId.get(connection.id) === connection) this.#byId.delete(connection.id);",
    replace: "",
    run: network,
    seenAs: /is closed, and still listed/,
  },
  {
    name: "skip the origin check",
    file: "packages/server/src/routing/origin.ts",
    find: "if (header === null) return true;",
    replace: "if (header !== undefined) return true;",
    run: racers,
    seenAs: /foreignPage.* answered with 101/,
  },
  {
    name: "refuse on a socket of the room",
    file: "packages/server/src/refusal.ts",
    find: "export function refuseInRoom(request: Request, error: PartyError): Response {",
    replace:
      "export function refuseInRoom(request: Request, error: PartyError): Response {\n  if (error) return refuse(request, error);",
    run: refused,
    seenAs: /kept the room awake/,
  },
  {
    name: "no jitter",
    file: "packages/client/src/connection/backoff.ts",
    find: "return random() * Math.min(",
    replace: "return Math.min(",
    run: storm,
    seenAs: /% of the attempts are within 100 ms/,
  },
  {
    name: "send without order",
    file: "packages/client/src/room/send-queue.ts",
    find: "for (const [frame, size] of this.waiting) {",
    replace: "for (const [frame, size] of [...this.waiting].reverse()) {",
    run: network,
    seenAs: /came after its entry/,
  },
  {
    name: "answer without a record",
    file: "packages/server/src/capabilities/once/once-calls.ts",
    find: "this.#results.write(stored, JSON.stringify(outcome));",
    replace: "",
    run: delivery,
    seenAs: /was carried out twice/,
  },
  {
    name: "skip the recognition of repeats",
    file: "packages/server/src/capabilities/once/result-table.ts",
    find: "if (row) return this.#readResult(call, row);",
    replace: 'if (row) return { state: "new" };',
    run: deliveryNetwork,
    seenAs: /was carried out twice/,
  },
  {
    name: "off by one at the ring's edge",
    file: "packages/server/src/capabilities/history/event-ring.ts",
    find: "Math.max(offset + 1, first)",
    replace: "Math.max(offset + 1, first + 1)",
    run: eventWindow,
    seenAs: /was not told that it missed all between/,
  },
  {
    name: "handlers out of order",
    file: "packages/server/src/incoming/receive.ts",
    find: "return queue.push(() => handle(room, connection, message, text), held);",
    replace:
      "return scheduler.wait(Math.random() * 20).then(() => handle(room, connection, message, text));",
    run: deliveryNetwork,
    seenAs: /was carried out after/,
  },
  // From here on, by the laws of the design.
  {
    name: "law 1: run onClose at once",
    file: "packages/server/src/room.ts",
    find: "onLeave: (connection, closing) => this.turn.after(() => this.#left(connection, closing)),",
    replace: "onLeave: (connection, closing) => this.#left(connection, closing),",
    run: hooks,
    seenAs: /onClose ran in the middle of/,
  },
  {
    name: "law 2: take any number of frames",
    file: "packages/server/src/incoming/receive.ts",
    find: "if (countFrames(text, MAX_FRAMES) > MAX_FRAMES) {",
    replace: "if (countFrames(text, MAX_FRAMES) > Infinity) {",
    run: hooks,
    seenAs: /of a message with too many frames, 1025 were handled/,
  },
  {
    name: "law 2: go on with the message of a connection that the room has closed",
    file: "packages/server/src/incoming/receive.ts",
    find: "    if (connection.isOver) return;\n    yield*",
    replace: "    yield*",
    run: hooks,
    seenAs: /was handled after the room had closed its connection/,
  },
  {
    name: "law 3: store an audience by id",
    file: "packages/server/src/outgoing/audience.ts",
    find: "const named = to?.flatMap((id) => directory.get(id)?.client ?? []);",
    replace: "const named = to;",
    also: [
      {
        file: "packages/server/src/outgoing/audience.ts",
        find: "if (clients && !clients.includes(client)) return false;",
        replace: "if (clients && !clients.includes(client) && !clients.includes(id)) return false;",
      },
      {
        file: "packages/server/src/capabilities/history/durable-events.ts",
        find: "? clients.flatMap((client) => [...this.#host.connectionsOf(client)])",
        replace: "? clients.flatMap((id) => this.#host.connection(id) ?? [])",
      },
    ],
    run: hooks,
    seenAs: /which was for another client/,
  },
  {
    name: "law 4: trust the head in memory after a rollback",
    file: "packages/server/src/capabilities/history/event-ring.ts",
    find: "  #repair(): void {",
    replace: "  #repair(): void {\n    if (this.#extent !== undefined) return;",
    run: hooks,
    seenAs: /was heard at \d+, and by others|, where the room has|was not told that it missed/,
  },
  {
    name: "law 4: look at the ring's end only as a replay begins",
    file: "packages/server/src/capabilities/history/replay.ts",
    find: "if (run.offset + 1 < first) {",
    replace: "if (run.offset + 1 < 0) {",
    run: hooks,
    seenAs: /was not told that it missed/,
  },
  {
    name: "law 6: close before what was sent in the transaction",
    file: "packages/server/src/connections/room-connection.ts",
    find: "this.#keeper.turn.afterTransaction(() => {",
    replace: "((run: () => void) => run())(() => {",
    run: hooks,
    seenAs: /was closed before it heard farewell/,
  },
  {
    name: "law 6: send in the transaction, and not behind it",
    file: "packages/server/src/turn.ts",
    find: "if (this.#held) this.#held.push({ run, always: false, drop });\n    else run();",
    replace: "run();",
    run: hooks,
    seenAs: /which was rolled back|, where the room has|was sent \S+ at \d+, after/,
  },
  {
    name: "law 8: tell that all follows, where some is lost",
    file: "packages/server/src/capabilities/history/durable-events.ts",
    find: "...head, recovered: false };",
    replace: "...head, recovered: true };",
    run: hooks,
    seenAs: /was not told that it missed/,
  },
  {
    name: "presence: one of two devices leaves, and the member with it",
    file: "packages/server/src/capabilities/presence/presence-room.ts",
    find: "if (member?.size === 0) this.#grace",
    replace: "if (member) this.#grace",
    run: presence,
    seenAs: /the room does not list \S+ as|, who is a member|shows .*, and the room has/,
  },
  {
    name: "presence: send the snapshot late",
    file: "packages/server/src/capabilities/presence/presence-room.ts",
    find: "    const kept = keptDevice(connection);\n    // Its `$hello`",
    replace:
      "    const late = this.#viewers.snapshot(connection);\n    this.#host.later(() => this.#host.send([connection], () => late), 30);\n    const kept = keptDevice(connection);\n    // Its `$hello`",
    run: presence,
    seenAs: /does not list|shows .*, and the room has|who is not there for it|counts/,
  },
  {
    name: "presence: lose the timer of the grace period",
    file: "packages/server/src/capabilities/presence/grace.ts",
    find: "this.#host.later(() => this.#end(endsAtMs), Math.max(0, endsAtMs - this.#host.now()));",
    replace: "",
    run: presence,
    seenAs: /is a ghost, since/,
  },
  {
    name: "presence: give a connection that timed out a grace period",
    file: "packages/server/src/capabilities/presence/grace.ts",
    find: "(silentSinceMs ?? nowMs)",
    replace: "(silentSinceMs ? nowMs : nowMs)",
    run: presence,
    seenAs: /before its ghost has left/,
  },
  {
    name: "presence: keep a ghost under the old key",
    file: "packages/server/src/capabilities/presence/presence-room.ts",
    find: "if (earlier !== undefined && earlier !== kept.key) this.#leave(connection, earlier);",
    replace: "",
    run: presence,
    seenAs: /is a ghost, since/,
  },
  {
    name: "presence: ignore who a viewer has become",
    file: "packages/server/src/capabilities/presence/viewers.ts",
    find: "if (this.#visible) this.#reviewed.add(viewer);",
    replace: "",
    run: presence,
    seenAs: /who is not there for it|does not list/,
  },
  {
    name: "presence: forget to show again after a wake-up",
    file: "packages/server/src/capabilities/presence/presence-room.ts",
    find: "this.#viewers.restore();",
    replace: "",
    run: presence,
    seenAs: /who is not there for it|does not list|shows|counts/,
  },
  {
    name: "presence: move another device",
    file: "packages/client/src/capabilities/presence/member.ts",
    find: "device.id === id ?",
    replace: "device.id !== id ?",
    run: presence,
    seenAs: /shows .*, and the room has/,
  },
  {
    name: "presence: send no data after a reconnect",
    file: "packages/client/src/capabilities/presence/own-data.ts",
    find: "    this.#sentAtMs = -Infinity;\n    this.#resend();",
    replace: "    this.#sentAtMs = -Infinity;",
    run: presence,
    // What it sets next is incomplete without the rest.
    seenAs: /does not have what .* has set|shows .*, and the room has|was told invalid/,
  },
  {
    name: "presence: report who was there as new",
    file: "packages/client/src/capabilities/presence/member-list.ts",
    find: "const gone = new Map(before.others.map((member) => [member.key, member]));",
    replace: "const gone = new Map(before.others.slice(1).map((member) => [member.key, member]));",
    run: presence,
    seenAs: /was told twice of the join|was told of no leave/,
  },
];

/** A small run plants one mistake in so many, another choice with each seed. */
const ONE_IN = 5;

/**
 * Checks the runs themselves: mistakes of those above are planted into the library's source, and the
 * run that is there to find each must fail. First the same runs pass on the source as it is: or
 * their failures would prove nothing.
 */
export async function planted({ seed, scale: asked }: RunContext): Promise<RunResult> {
  const scale = "planted";
  await checkLines();
  const faults =
    asked === "long" ? FAULTS : FAULTS.filter((_, index) => (index + seed) % ONE_IN === 0);
  for (const run of new Set(faults.map((fault) => fault.run))) {
    await run({ seed, scale, library: { patches: [] } });
  }
  for (const { name, run, seenAs, also = [], ...patch } of faults) {
    const context = { scale, library: { patches: [patch, ...also] } } as const;
    let failure: string | undefined;
    // On a busy machine, no fault may fall into the moment that shows the mistake.
    for (let attempt = 0; attempt < 3 && failure === undefined; attempt += 1) {
      failure = await failureOf(run, { ...context, seed: seed + attempt });
    }
    if (failure === undefined) throw new Error(`Nobody has noticed the fault "${name}".`);
    if (!seenAs.test(failure)) {
      throw new Error(`The fault "${name}" was planted, and seen as something else: ${failure}`);
    }
  }
  return { counts: { "faults planted": faults.length, "faults found": faults.length } };
}

/** The line of each mistake has to be there, also of those that are not planted this time. */
export async function checkLines(): Promise<void> {
  for (const { name, also = [], ...patch } of FAULTS) {
    for (const { file, find } of [patch, ...also]) {
      const text = await readFile(new URL(`../${file}`, import.meta.url), "utf8");
      if (!text.includes(find))
        throw new Error(`The line of the fault "${name}" is not in ${file}.`);
    }
  }
}

async function failureOf(run: RunFunction, context: RunContext): Promise<string | undefined> {
  try {
    await run(context);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
