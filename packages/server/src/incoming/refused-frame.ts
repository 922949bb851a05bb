import { encodeServerFrame, type PartyError, toWireError } from "@partyflare/shared";

/**
 * What refuses a frame that was not decoded, or could not be: by its beginning, a call by its id, so
 * that nobody waits for its answer, and an event by its name.
 */
export function refusalOf(frame: string, refused: PartyError): string {
  const error = toWireError(refused);
  const [, id] = /^\["\$call",(\d{1,15}),/.exec(frame) ?? [];
  if (id !== undefined) return encodeServerFrame({ kind: "fail", id: Number(id), error });
  const [, event] = /^\["([^"\\$][^"\\]{0,127})"/.exec(frame) ?? [];
  return encodeServerFrame({ kind: "error", error, event });
}
