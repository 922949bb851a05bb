import { delivery } from "../runs/delivery.ts";
import { deliveryNetwork } from "../runs/delivery-network.ts";
import { network } from "../runs/network.ts";
import { racers } from "../runs/racers.ts";
import { refused } from "../runs/refused.ts";
import { storm } from "../runs/storm.ts";
import { eventWindow } from "../runs/window.ts";
import type { PlantedFault } from "./fault.ts";

/** Mistakes with connections, messages and calls that happen once. */
export const CONNECTION_FAULTS: readonly PlantedFault[] = [
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
];
