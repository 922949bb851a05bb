import { type Message, PartyError } from "@partyflare/shared";
import type { Connection, RoomConnection } from "../connections/connection";
import { type ErrorListener, guard } from "./guard";

/** What a message is handed to. */
export interface MessageHandler extends ErrorListener {
  onMessage(connection: Connection, message: Message): void | Promise<void>;
}

/**
 * One message of a connection, after those before it. Whoever sends faster than its messages are
 * handled is closed with 4429.
 *
 * @returns a promise while anything is still to be done, which never rejects.
 */
export function receive(
  party: MessageHandler,
  connection: RoomConnection,
  message: Message,
): void | Promise<void> {
  const bytes = typeof message === "string" ? message.length : message.byteLength;
  if (!connection.inbox.admits(bytes)) {
    const { closeCode, code } = new PartyError("rate_limited");
    return connection.close(closeCode, code);
  }
  return connection.inbox.push(
    () =>
      guard(party, { connection, during: "onMessage" }, () => party.onMessage(connection, message)),
    bytes,
  );
}
