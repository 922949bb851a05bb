import type { ServerMessage } from "../../messages";

/** What the room has sent; null for what this page, being older or newer, does not know. */
export function readServerMessage(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    // The room is ours: its own code has built the message from the same union.
    return JSON.parse(data) as ServerMessage;
  } catch {
    return null;
  }
}
