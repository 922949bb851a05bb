import type { Contract } from "@partyflare/shared";
import type { ConnectOptions } from "./connection/options";
import { Room } from "./room/room";

/**
 * Connects to a room with a contract. The client reconnects when the connection is lost, but not
 * after a final close: see `room.status`.
 *
 * @typeParam C the contract's type. The client needs neither the contract itself nor its validator.
 * @throws PartyError `invalid` for a party, room, host, path, id or key that is not valid. The host
 *   is required outside a page.
 * @throws RangeError for a `batchMs` that is not 0 to 1,000.
 * @throws TypeError if there is no `WebSocket` class.
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
