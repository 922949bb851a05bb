import type { Closing } from "./connection";
import type { RoomConnection } from "./room-connection";
import type { SocketSource } from "./registry";

/** Callbacks for the events of a socket. A hibernating room gets them from the platform. */
export interface SocketEvents {
  message(connection: RoomConnection, message: string | ArrayBuffer): void | Promise<void>;
  close(connection: RoomConnection, closing: Closing): void | Promise<void>;
  error(connection: RoomConnection, error: unknown): void | Promise<void>;
}

/**
 * Returns the source of sockets that keep the room in memory and end with it. Surviving sockets
 * come from an earlier version of the class, which hibernated.
 */
export function inMemorySockets(ctx: DurableObjectState, events: SocketEvents): SocketSource {
  return {
    accept(socket, connection) {
      socket.accept();
      // From the compatibility date 2026-03-17 on, the default is a Blob.
      socket.binaryType = "arraybuffer";
      socket.addEventListener("message", ({ data }) => void events.message(connection, data));
      socket.addEventListener("error", ({ error }) => void events.error(connection, error));
      socket.addEventListener(
        "close",
        ({ code, reason, wasClean }) => void events.close(connection, { code, reason, wasClean }),
      );
    },
    pingedAtMs: (connection) => connection.pingedAtMs,
    surviving: () => ctx.getWebSockets(),
    hasSilent: () => false,
    isOurs: () => false,
    tagsOf: (socket) => ctx.getTags(socket),
    staysInMemory: true,
  };
}
