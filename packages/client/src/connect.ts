import type { Contract } from "@partyflare/shared";
import type { ConnectOptions } from "./connection/options";
import { Room } from "./room/room";

/**
 * Connects to a room whose events and calls are those of a contract. It comes back by itself when
 * the connection is lost, and stays away after a close that is final: see `room.status`.
 *
 * @typeParam C the contract's type. Nothing of the contract itself is needed, nor its validator.
 * @throws PartyError `invalid` for a party, room, host, path, id or key that cannot be one, or
 *   when no host is given and there is no page to take it from.
 * @throws RangeError for a `batchMs` that is not 0 to 1,000.
 * @throws TypeError where there is no `WebSocket` class.
 *
 * @example
 * import type { chat } from "./contract";
 *
 * const room = connect<typeof chat>({ host: "example.com", party: "chat", room: "lobby" });
 * room.on("said", ({ by, text }) => show(by, text));
 * room.emit("say", { text: "hello" });
 */
export function connect<C extends Contract = {}>(options: ConnectOptions): Room<C> {
  return new Room<C>(options);
}
