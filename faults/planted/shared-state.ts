import { sharedState } from "../runs/shared-state.ts";
import type { PlantedFault } from "./fault.ts";

/** Mistakes with shared state. */
export const SHARED_STATE_FAULTS: readonly PlantedFault[] = [
  {
    // A patch that is applied twice changes nothing, unless an item stays where it was.
    name: "shared state: insert an item that is there already",
    file: "packages/client/src/capabilities/shared-state/patch.ts",
    find: "before.filter((item) => !leaving.has(idOf(item)))",
    replace: "before.filter((item) => !leaving.has(item))",
    run: sharedState,
    seenAs: /shows items as/,
  },
  {
    name: "shared state: forget deletions without raising the horizon",
    file: "packages/server/src/capabilities/shared-state/value-store.ts",
    find: "horizon: Math.max(horizon, pruned.at(-1)?.version ?? 0),",
    replace: "horizon,",
    run: sharedState,
    seenAs: /shows \w+ as .*, and the room has/,
  },
  {
    name: "shared state: show the view of who the viewer was before",
    file: "packages/server/src/capabilities/shared-state/shared-room.ts",
    find: "    if (!this.#hasViews) return;\n    this.#feed.forget(connection);",
    replace: "    if (!this.#hasViews) return;",
    run: sharedState,
    seenAs: /shows (hands|teams) as|got a hidden value/,
  },
  {
    name: "shared state: keep an optimistic change after its refusal",
    file: "packages/client/src/room/calls.ts",
    find: "        fail(error) {\n",
    replace: "        fail(error) {\n          call.onEnd.length = 0;\n",
    run: sharedState,
    seenAs: /still shows .*, which was refused|shows votes as .*OWN:/,
  },
  {
    name: "shared state: send the changes of a call after its answer",
    file: "packages/server/src/capabilities/shared-state/shared-room.ts",
    find: "return this.#readers.next(connection);",
    replace: "return undefined;",
    run: sharedState,
    seenAs: /is done, and has it 0 times|shows the count|before its answer/,
  },
  {
    name: "shared state: trust a version of a storage that is no more",
    file: "packages/server/src/capabilities/shared-state/position-log.ts",
    find: "return isKnown && this.runOf(version) === run ? version : undefined;",
    replace: "return isKnown && run ? version : undefined;",
    run: sharedState,
    seenAs: /shows \w+ as .*, and the room has/,
  },
  {
    // In memory only. A look at the rows finds a value that is not stored.
    name: "shared state: keep the value of a transaction that was rolled back",
    file: "packages/server/src/capabilities/shared-state/value-store.ts",
    find: "if (this.value.version > before.value.version) this.#current = before;",
    replace: "",
    run: sharedState,
    seenAs: /got something of a refused change|shows \w+ as|has lost it/,
  },
];
