import type { Patch } from "./harness/bundle.ts";
import { delivery } from "./runs/delivery.ts";
import { deliveryNetwork } from "./runs/delivery-network.ts";
import { network } from "./runs/network.ts";
import { racers } from "./runs/racers.ts";
import { refused } from "./runs/refused.ts";
import type { RunContext, RunFunction, RunResult } from "./runs/run.ts";
import { storm } from "./runs/storm.ts";
import { eventWindow } from "./runs/window.ts";

/** A mistake that the library could have, and what must come of it. */
interface PlantedFault extends Patch {
  readonly name: string;
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
    file: "packages/client/src/backoff.ts",
    find: "return random() * Math.min(",
    replace: "return Math.min(",
    run: storm,
    seenAs: /% of the attempts are within 100 ms/,
  },
  {
    name: "send without order",
    file: "packages/client/src/outbox.ts",
    find: "for (const [letter, size] of this.#letters) {",
    replace: "for (const [letter, size] of [...this.#letters].reverse()) {",
    run: network,
    seenAs: /came after its entry/,
  },
  {
    name: "answer without a record",
    file: "packages/server/src/capabilities/once/once-calls.ts",
    find: "this.#results.write({ client, operation, digest: digest(call) }, JSON.stringify(outcome));",
    replace: "",
    run: delivery,
    seenAs: /was carried out twice/,
  },
  {
    name: "skip the recognition of repeats",
    file: "packages/server/src/capabilities/once/result-table.ts",
    find: "if (row?.outcome != null) {",
    replace: 'if (row?.outcome != null) return { state: "new" };\n    if (row?.outcome != null) {',
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
];

/**
 * Checks the runs themselves: each of ten mistakes is planted into the library's source, and the
 * run that is there to find it must fail. First the same runs pass on the source as it is: or
 * their failures would prove nothing.
 */
export async function planted({ seed }: RunContext): Promise<RunResult> {
  const scale = "planted";
  for (const run of new Set(FAULTS.map((fault) => fault.run))) {
    await run({ seed, scale, library: { patches: [] } });
  }
  for (const { name, run, seenAs, ...patch } of FAULTS) {
    const failure = await failureOf(run, { seed, scale, library: { patches: [patch] } });
    if (failure === undefined) throw new Error(`Nobody has noticed the fault "${name}".`);
    if (!seenAs.test(failure)) {
      throw new Error(`The fault "${name}" was planted, and seen as something else: ${failure}`);
    }
  }
  return { counts: { "faults planted": FAULTS.length, "faults found": FAULTS.length } };
}

async function failureOf(run: RunFunction, context: RunContext): Promise<string | undefined> {
  try {
    await run(context);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
