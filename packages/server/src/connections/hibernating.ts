import { PING, PONG } from "@partyflare/shared";
import type { SocketSource } from "./registry";

/** Sockets that the platform keeps while the room sleeps. Their events wake it. */
export function hibernatingSockets(ctx: DurableObjectState): SocketSource {
  // The platform's own answer to a sign of life, which does not wake the room.
  if (ctx.getWebSocketAutoResponse() === null) {
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }
  return {
    accept: (socket) => ctx.acceptWebSocket(socket),
    pingedAtMs: ({ socket }) => ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? null,
    surviving: () => ctx.getWebSockets(),
  };
}
