import type { Contract, StateOf, TagOf } from "@partyflare/shared";
import type { Connection } from "./connection";
import type { Immutable } from "./immutable";

/**
 * A connection of a room with a contract: the contract types its state, tags and events.
 *
 * @example
 * function greet(connection: ConnectionOf<typeof chat>) {
 *   connection.emit("said", { by: "room", text: `Hello ${connection.state.name}` });
 * }
 */
export interface ConnectionOf<C extends Contract> extends Connection<StateOf<C>, TagOf<C>, C> {
  /** The last value from `authorize` or `setState`. A read-only copy. */
  readonly state: Immutable<StateOf<C>>;

  /** See `Connection`. The function gets the previous state. */
  setState(next: StateOf<C> | ((previous: Immutable<StateOf<C>>) => StateOf<C>)): void;
}
