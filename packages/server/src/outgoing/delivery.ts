import type { SendableMessage } from "@partyflare/shared";
import { encodeText } from "@partyflare/shared/internal";
import type { RoomConnection } from "../connections/room-connection";
import type { Batch } from "./batch";

/**
 * Sends one message to many: to raw connections as it is, to framed ones as a frame, which is
 * encoded once.
 *
 * @throws TypeError for what cannot be sent, before anyone has received it.
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
  // Not by its class: a buffer may come from another realm.
  if (Object.prototype.toString.call(message) === "[object ArrayBuffer]") return;
  throw new TypeError(
    `A message is a string, an ArrayBuffer or a view of one, not ${typeof message}. ` +
      "JSON.stringify() makes a string of an object.",
  );
}
