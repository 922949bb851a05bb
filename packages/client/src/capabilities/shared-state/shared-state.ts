import type { Contract, Immutable, SharedOf } from "@partyflare/shared";
import type { Stop } from "../../connection/emitter";
import type { Room } from "../../room/room";
import { type SharedStatus, sharedValueOf } from "./shared-value";

/** Options of `sharedState`. */
export interface SharedStateOptions<C extends Contract> {
  /**
   * The value before the first snapshot, such as one that a server has rendered. `useShared` hydrates
   * with it. If several callers pass one, the first counts. Default: undefined.
   */
  initialValue?: Immutable<SharedOf<C>> | undefined;
}

/** The shared state of a room. While the client is disconnected, the last value stays. */
export interface SharedState<C extends Contract> {
  /**
   * The room's value, with the optimistic changes of this client. It is undefined before the first
   * snapshot, unless there is an `initialValue`.
   *
   * It is the same object until it changes, and so is each part of it.
   */
  readonly value: Immutable<SharedOf<C>> | undefined;
  /** The version of the room's value, without optimistic changes. Undefined before a snapshot. */
  readonly version: number | undefined;
  /**
   * `loading` before the first snapshot, `live` while the client has the room's value, and `stale`
   * while it is disconnected or has only a part of the changes.
   */
  readonly status: SharedStatus;
  /**
   * Calls a function with the value after each change of the value or the status. It is called once
   * for each message of the room, after all of it.
   */
  readonly subscribe: (listener: (value: Immutable<SharedOf<C>>) => void) => Stop;
  /**
   * Shows a change at once, until a promise settles. It is applied again on top of each change of the
   * room. For a promise of `room.call`, the room's own change replaces it without a flicker. After a
   * reconnect, both may show until a `once` call is answered again.
   *
   * If the promise rejects, the change disappears. If `update` throws, the change disappears, and the
   * error is reported as the platform reports uncaught errors.
   *
   * @param promise what `room.call` returned. Other promises work, but the room's change may be shown
   *   before they settle.
   * @param update returns the changed value. It may run often and must not change its argument. It
   *   does not run while there is no value.
   * @returns the promise.
   *
   * @example
   * await poll.optimistic(room.call("vote", { choice }), (value) => ({
   *   ...value,
   *   votes: { ...value.votes, [me]: choice },
   * }));
   */
  readonly optimistic: <Answer extends PromiseLike<unknown>>(
    promise: Answer,
    update: (value: Immutable<SharedOf<C>>) => Immutable<SharedOf<C>>,
  ) => Answer;
}

/**
 * Returns the shared state of a room: a value that the room decides, and that everyone in it sees.
 * There is one object for each room. The room sends the value only to clients that have called this
 * function. Your code changes it by events and calls, whose handlers change it on the server.
 *
 * Call it before the room is open, and the value comes with the first message of the room.
 *
 * @example
 * const poll = sharedState(room);
 * poll.subscribe(({ phase, votes }) => show(phase, votes));
 */
export function sharedState<C extends Contract>(
  room: Room<C>,
  { initialValue }: SharedStateOptions<C> = {},
): SharedState<C> {
  const shared = sharedValueOf(room);
  if (initialValue) shared.begin(initialValue);
  return shared as unknown as SharedState<C>;
}
