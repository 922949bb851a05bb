/** 128 bits: nobody finds a second key with the same id. */
const ID_BYTES = 16;

/**
 * The public id of a visitor in a room: a hash, so that what everyone sees does not let anyone
 * speak as somebody else, nor follow them from room to room.
 *
 * @returns 32 hexadecimal digits.
 */
export async function personId(room: string, key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key}\n${room}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.subarray(0, ID_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
