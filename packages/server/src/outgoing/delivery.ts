import { encodeText, type SendableMessage } from "@partyflare/shared";
import type { RoomConnection } from "../connections/room-connection";

/**
 * Sends one message to many: to raw connections as it is, to framed ones as a frame, which is
 * encoded once.
 *
 * @throws TypeError for what cannot be sent, before anyone has received it.
 */
export function deliverMessage(
  connections: Iterable<RoomConnection>,
  message: SendableMessage,
): void {
  checkSendable(message);
  let frame: string | undefined;
  for (const connection of connections) {
    if (connection.isFramed && typeof message === "string") {
      connection.transmit((frame ??= encodeText(message)));
    } else connection.transmit(message);
  }
}

/** Sends one frame to many. A raw connection gets its text. */
export function deliverFrame(connections: Iterable<RoomConnection>, frame: string): void {
  for (const connection of connections) connection.transmit(frame);
}

function checkSendable(message: SendableMessage): void {
  if (typeof message === "string" || message instanceof ArrayBuffer) return;
  if (ArrayBuffer.isView(message)) return;
  throw new TypeError(
    `A message is a string, an ArrayBuffer or a view of one, not ${typeof message}. ` +
      "JSON.stringify() makes a string of an object.",
  );
}
