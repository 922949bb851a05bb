import type { SocketSource } from "./registry";

/** Sockets that the platform keeps while the room sleeps. Their events wake it. */
export function hibernatingSockets(ctx: DurableObjectState): SocketSource {
  return {
    accept: (socket) => ctx.acceptWebSocket(socket),
    surviving: () => ctx.getWebSockets(),
  };
}
