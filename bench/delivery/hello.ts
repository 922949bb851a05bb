import {
  askedParameter,
  decodeServerFrame,
  encodePosition,
  type WireHistory,
  type WireOnce,
} from "@partyflare/shared/internal";
import { type Entrant, FRAMED } from "../entrant.ts";

/** What a room of ours tells a client that asks for its history and its calls that happen once. */
interface Hello {
  readonly history?: WireHistory;
  readonly once?: WireOnce;
}

/** Where a client of ours is that has just come: the load generator reads nothing of what it counts. */
export async function positionIn(entrant: Entrant, room: string): Promise<string> {
  const { history } = await helloOf(entrant, room);
  if (!history) throw new Error("The room has no durable events.");
  return encodePosition(history);
}

/** Since when the room counts the operations of a client. */
export async function sinceIn(entrant: Entrant, room: string): Promise<string> {
  const { once } = await helloOf(entrant, room);
  if (!once) throw new Error("The room has no calls that happen once.");
  return once.since;
}

/** Connects with the same key as all others, and leaves again. */
async function helloOf({ contender, server }: Entrant, room: string): Promise<Hello> {
  const asked = `${askedParameter("history")}=&${askedParameter("once")}=`;
  const url = `ws://127.0.0.1:${server.port}${contender.route}/${room}?_pk=hello&${asked}`;
  const socket = new WebSocket(url, FRAMED.split(", "));
  const { promise, resolve, reject } = Promise.withResolvers<Hello>();
  socket.addEventListener("error", () => reject(new Error("The room lets nobody in.")));
  socket.addEventListener("message", ({ data }) => {
    const frame = decodeServerFrame(String(data));
    if (frame.kind === "hello") resolve(frame.parts);
  });
  const left = new Promise((resolve) => socket.addEventListener("close", resolve));
  try {
    return await promise;
  } finally {
    socket.close();
    await left;
  }
}
