import { PING, PONG } from "@partyflare/shared/internal";
import type { Dialect } from "../dialect";
import type { SocketSource } from "./registry";

/** The platform's tag of every socket that is accepted here. Our own tags are in the attachment. */
const OURS = "partyflare";

/** The same for all rooms of an isolate. The platform copies its texts. */
let autoResponse: WebSocketRequestResponsePair | undefined;

/**
 * Returns the source of sockets that the platform keeps while the room hibernates. Their events
 * wake the room.
 *
 * @param dialect with one, the platform's tags are those of the connection: code for that library
 *   calls `ctx.getWebSockets(tag)`.
 */
export function hibernatingSockets(ctx: DurableObjectState, dialect?: Dialect): SocketSource {
  // The platform then answers pings without waking the room.
  if (ctx.getWebSocketAutoResponse() === null) {
    ctx.setWebSocketAutoResponse((autoResponse ??= new WebSocketRequestResponsePair(PING, PONG)));
  }
  const pingedAtMs = (socket: WebSocket) =>
    ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? null;
  return {
    accept: (socket, { tags }) => ctx.acceptWebSocket(socket, dialect ? [...tags] : [OURS]),
    pingedAtMs: ({ socket }) => pingedAtMs(socket),
    hasSilent: (sinceMs) =>
      ctx.getWebSockets().some((socket) => (pingedAtMs(socket) ?? Infinity) < sinceMs),
    surviving: () => ctx.getWebSockets(),
    isOurs: (socket) => ctx.getTags(socket).includes(OURS),
    tagsOf: (socket) => ctx.getTags(socket),
    staysInMemory: false,
  };
}
