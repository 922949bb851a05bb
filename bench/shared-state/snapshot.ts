import { askedParameter, decodeServerFrame, type WireShared } from "@partyflare/shared/internal";
import { FRAMED } from "../entrant.ts";
import type { BoardRoom } from "./boards.ts";

/** What a client that knows nothing is sent when it connects. */
export interface Snapshot {
  /** How its URL says what it has, when it reconnects. */
  readonly since: string;
  /** The number of messages. */
  readonly messages: number;
}

/** Connects to a room of ours, takes the whole value, and leaves. */
export async function snapshotOf(room: BoardRoom): Promise<Snapshot> {
  const asked = askedParameter("shared");
  const url = `ws://${room.address}?_pk=snapshot&${askedParameter("once")}=&${asked}=`;
  const socket = new WebSocket(url, FRAMED.split(", "));
  const { promise, resolve, reject } = Promise.withResolvers<Snapshot>();
  let messages = 0;
  socket.addEventListener("error", () => reject(new Error("The room refuses the connection.")));
  socket.addEventListener("message", ({ data }) => {
    messages += 1;
    const shared = sharedIn(String(data));
    if (!shared) return reject(new Error("The room sends something else first."));
    if (!shared.more) resolve({ since: `&${asked}=${shared.run}.${shared.version}`, messages });
  });
  const left = new Promise((resolve) => socket.addEventListener("close", resolve));
  try {
    return await promise;
  } finally {
    socket.close();
    await left;
  }
}

function sharedIn(text: string): WireShared | undefined {
  const frame = decodeServerFrame(text);
  if (frame.kind === "hello") return frame.parts["shared"] as WireShared | undefined;
  if (frame.kind !== "capability" || frame.name !== "shared") return undefined;
  return frame.payload as WireShared;
}
