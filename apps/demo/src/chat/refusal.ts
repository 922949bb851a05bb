import type { PartyError } from "@partyflare/client";

/** Why a call was refused, for the person who made it: what the schema found, or what the room says. */
export function reasonOf({ issues, message }: PartyError): string {
  return issues?.[0]?.message ?? message;
}

/** Whether nobody has refused it: the connection was lost before the answer, or the page left. */
export function wasCutShort({ code }: PartyError): boolean {
  return code === "disconnected" || code === "aborted";
}
