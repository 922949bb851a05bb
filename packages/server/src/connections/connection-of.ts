import type { Contract, StateOf, TagOf } from "@partyflare/shared";
import type { Connection } from "./connection";
import type { Immutable } from "./immutable";

/**
 * A connection of a room with a contract: its state, tags and events are the contract's.
 *
 * @example
 * function greet(connection: ConnectionOf<typeof chat>) {
 *   connection.emit("said", { by: "room", text: `Hello ${connection.state.name}` });
 * }
 */
export interface ConnectionOf<C extends Contract> extends Connection<StateOf<C>, TagOf<C>, C> {
  /** What `authorize` returned or `setState` was given last. A copy, read-only. */
  readonly state: Immutable<StateOf<C>>;

  /** See `Connection`. The function is given the state before. */
  setState(next: StateOf<C> | ((previous: Immutable<StateOf<C>>) => StateOf<C>)): void;
}
