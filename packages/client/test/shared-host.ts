import { defineContract, type } from "@partyflare/shared";
import type { WireShared } from "@partyflare/shared/internal";
import { CapabilityHost } from "./capability-host";

interface Task {
  id: string;
  text: string;
}

export interface Poll {
  phase: "open" | "closed";
  votes: Record<string, number>;
  tasks: Task[];
  count: number;
}

/** A contract with shared state. */
export const poll = defineContract({
  shared: type<Poll>(),
  fromServer: { said: type<string>() },
  calls: { add: { input: type<void>(), output: type<number>() } },
});

/** A room that only has shared state. A test sends what its server would send. */
export class SharedHost extends CapabilityHost<typeof poll> {}

export const EMPTY: Poll = { phase: "open", votes: {}, tasks: [], count: 0 };

/** The run of all frames. */
const RUN = "run";

/** A frame that sets the whole value. */
export function snapshot(value: Partial<Poll> = {}, version = 1): WireShared {
  return { version, run: RUN, reset: true, set: Object.entries({ ...EMPTY, ...value }) };
}

/** A frame that changes the value. */
export function patch(version: number, change: Partial<WireShared> = {}): WireShared {
  return { version, run: RUN, ...change };
}
