import type { Server as HttpServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";

/** What clients and rooms say. */
interface Events {
  say: (text: string) => void;
  echo: (text: string) => void;
  move: (move: unknown) => void;
}

/** Rooms of Socket.IO, as its documentation shows them. */
export function serveSocketIo(server: HttpServer, options: Partial<ServerOptions>): void {
  const io = new Server<Events, Events>(server, { serveClient: false, ...options });
  io.on("connection", (socket) => {
    const room = String(socket.handshake.query.room);
    void socket.join(room);
    socket.on("say", (text) => io.to(room).emit("say", text));
    socket.on("echo", (text) => socket.emit("echo", text));
    socket.on("move", (move) => socket.to(room).emit("move", move));
  });
}
