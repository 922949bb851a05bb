import type { Closing } from "./connection";
import type { RoomConnection } from "./room-connection";
import type { SocketSource } from "./registry";

/** What happens to a socket. A hibernating room hears the same from the platform. */
export interface SocketEvents {
  message(connection: RoomConnection, message: string | ArrayBuffer): void | Promise<void>;
  close(connection: RoomConnection, closing: Closing): void | Promise<void>;
  error(connection: RoomConnection, error: unknown): void | Promise<void>;
}

/**
 * Sockets that live and die with the room's memory, and keep it from leaving memory. Those that
 * survive are of an earlier version of the class, which did hibernate.
 */
export function inMemorySockets(ctx: DurableObjectState, events: SocketEvents): SocketSource {
  return {
    accept(socket, connection) {
      socket.accept();
      // Compatibility dates from 2026-03-17 on would hand over a Blob.
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
    staysInMemory: true,
  };
}
