import type { SendableMessage } from "@partyflare/shared";
import { encodeText } from "@partyflare/shared/internal";
import type { RoomConnection } from "../connections/room-connection";
import type { Batch } from "./batch";

/**
 * Sends one message to many connections. Raw connections get it as it is; the others get a frame,
 * which is encoded once.
 *
 * @throws TypeError if the message cannot be sent. No connection has received it then.
 */
export function deliverMessage(
  connections: Iterable<RoomConnection>,
  message: SendableMessage,
  batch: Batch,
): void {
  checkSendable(message);
  let frame: string | undefined;
  for (const connection of connections) {
    if (connection.isFramed && typeof message === "string") {
      batch.send(connection, (frame ??= encodeText(message)));
    } else connection.transmit(message);
  }
}

function checkSendable(message: SendableMessage): void {
  if (typeof message === "string" || ArrayBuffer.isView(message)) return;
  // Not `instanceof`: a buffer may come from another realm.
  if (Object.prototype.toString.call(message) === "[object ArrayBuffer]") return;
  throw new TypeError(
    `A message is a string, an ArrayBuffer or a view of one, not ${typeof message}. ` +
      "Encode an object with JSON.stringify().",
  );
}
