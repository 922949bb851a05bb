import type { SendableMessage } from "@partyflare/shared";
import type { RoomConnection } from "../connections/connection";

/**
 * Sends one message to many.
 *
 * @param exclude ids of connections that do not get it.
 * @throws TypeError for what cannot be sent, before anyone has received it.
 */
export function deliver(
  connections: Iterable<RoomConnection>,
  message: SendableMessage,
  exclude: readonly string[],
): void {
  checkSendable(message);
  const excluded = exclude.length > 0 ? new Set(exclude) : undefined;
  for (const connection of connections) {
    if (!excluded?.has(connection.id)) connection.send(message);
  }
}

function checkSendable(message: SendableMessage): void {
  if (typeof message === "string" || message instanceof ArrayBuffer) return;
  if (ArrayBuffer.isView(message)) return;
  throw new TypeError(
    `A message is a string, an ArrayBuffer or a view of one, not ${typeof message}. ` +
      "JSON.stringify() makes a string of an object.",
  );
}
