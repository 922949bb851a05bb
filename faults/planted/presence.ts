import { presence } from "../runs/presence.ts";
import type { PlantedFault } from "./fault.ts";

/** Mistakes with presence. */
export const PRESENCE_FAULTS: readonly PlantedFault[] = [
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
