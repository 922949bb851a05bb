import type { Hooks } from "./hooks";
import type { Capabilities } from "./capabilities/capabilities";
import { report } from "./incoming/error-boundary";
import { type Checked, checkParty, type Overrides } from "./incoming/handlers";
import type { Turn } from "./turn";

/** The parts of a room that its start needs. */
interface Starting extends Checked {
  readonly party: Hooks;
  readonly capabilities: Capabilities;
  readonly turn: Turn;
}

/**
 * Starts a room from the constructor of its party, before the first event.
 *
 * While an `onStart` of the app runs, the platform holds all events back. A room without one has
 * nothing to wait for, and holding back costs more than its start. It starts right after the
 * constructor, in microtasks, which no event precedes. An error resets the object, and the platform
 * reports it to every caller that waits.
 */
export function startFromConstructor(
  room: Starting,
  ctx: Pick<DurableObjectState, "blockConcurrencyWhile">,
  overrides: Overrides,
): void {
  const steps = () => begin(room, overrides);
  const block = (run: () => Promise<void>) => {
    ctx.blockConcurrencyWhile(() => start(room, run)).catch(() => {});
  };
  if (overrides("onStart")) return block(steps);
  void Promise.resolve()
    // The subclass's fields are set now, and one may be an `onStart`.
    .then(() => (overrides("onStart") ? block(steps) : steps()))
    .catch((error: unknown) => block(() => Promise.reject(error)));
}

/** Starts a room. It reports an error, and throws it again. */
export async function start(room: Starting, steps = () => begin(room, () => false)): Promise<void> {
  // After this microtask the subclass's fields are set.
  await Promise.resolve();
  try {
    await steps();
  } catch (error) {
    await report(room.party, error, { during: "onStart" });
    throw error;
  }
}

async function begin(room: Starting, overrides: Overrides): Promise<void> {
  checkParty(room, overrides);
  room.capabilities.start();
  await room.party.onStart();
  room.turn.start();
}
