/**
 * Engine.IO 4 with Socket.IO 5 in it, over WebSocket: as much as it takes to connect, to stay
 * connected, and to count events. The first character of a message is the Engine.IO packet's type;
 * of a message packet (`4`) the second is the Socket.IO packet's.
 *
 * https://socket.io/docs/v4/engine-io-protocol, https://socket.io/docs/v4/socket-io-protocol
 */

/** What a server sends, as far as it matters. */
export type Packet = "open" | "ping" | "connected" | "refused" | "event" | "other";

/** The client asks for the default namespace: the answer to `open`. */
export const CONNECT_TEXT = "40";

/** The client is still there: the answer to `ping`, without which the server closes. */
export const PONG_TEXT = "3";

/** What packets are told apart by. */
export const HEAD_BYTES = 2;

const PING = "2";
const EVENT = "42";

/** An event as a client sends it, and a server to everyone. */
export function eventText(name: string, data: unknown): string {
  return EVENT + JSON.stringify([name, data]);
}

/** @param head the first two characters, or as many as there are. */
export function packetOf(head: string): Packet {
  switch (head) {
    case EVENT:
      return "event";
    case "40":
      return "connected";
    case "44":
      return "refused";
    case PING:
      return "ping";
    default:
      return head.startsWith("0") ? "open" : "other";
  }
}
