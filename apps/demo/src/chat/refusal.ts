import type { PartyError } from "@partyflare/client";

/** Returns the reason for a refused call, for people: the schema's, or the room's. */
export function reasonOf({ issues, message }: PartyError): string {
  return issues?.[0]?.message ?? message;
}

/**
 * Whether the call was not refused: the connection was lost before the answer, or the page was
 * left.
 */
export function wasCutShort({ code }: PartyError): boolean {
  return code === "disconnected" || code === "aborted";
}
