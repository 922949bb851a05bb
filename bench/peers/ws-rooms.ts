import type { Server } from "node:http";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** The first letters of a message, as in every room without a contract. */
const ECHO = "e".charCodeAt(0);
const MOVE = "m".charCodeAt(0);

/** Rooms by hand on `ws`: broadcasts as its README shows them, with its defaults. */
export function serveWs(server: Server): void {
  const rooms = new Map<string, Set<WebSocket>>();
  new WebSocketServer({ server }).on("connection", (socket, { url = "" }) => {
    const name = new URLSearchParams(url.slice(url.indexOf("?"))).get("room") ?? "";
    const room = rooms.get(name) ?? new Set();
    rooms.set(name, room.add(socket));
    socket.on("message", (data, isBinary) => answer(room, socket, data, isBinary));
    socket.on("close", () => {
      room.delete(socket);
      if (room.size === 0) rooms.delete(name);
    });
  });
}

function answer(room: Set<WebSocket>, from: WebSocket, data: RawData, isBinary: boolean): void {
  const kind = (data as Buffer)[0];
  if (kind === ECHO) return from.send(data, { binary: isBinary });
  for (const socket of room) {
    if (kind === MOVE && socket === from) continue;
    if (socket.readyState === WebSocket.OPEN) socket.send(data, { binary: isBinary });
  }
}
