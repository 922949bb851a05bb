import { hooks } from "../runs/hooks.ts";
import type { PlantedFault } from "./fault.ts";

/** Mistakes against laws of the design. */
export const LAW_FAULTS: readonly PlantedFault[] = [
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
];
