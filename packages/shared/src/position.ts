/** How far a client has come among a room's durable events. */
export interface Position {
  /** Of the room's storage. */
  readonly epoch: string;
  /** Of the last event that the client was sent, or of the place where the room told it to begin. */
  readonly offset: number;
  /** Of the event at that place. */
  readonly tag: string;
}

/** The query parameter that carries a position. It is no secret. */
export const POSITION_PARAMETER = "partyflare.history";

/** A position as a URL carries it: `epoch.offset.tag`. */
export function encodePosition({ epoch, offset, tag }: Position): string {
  return `${epoch}.${offset}.${tag}`;
}

/** Reads a position; null where it is none. */
export function decodePosition(text: string): Position | null {
  const [, epoch, offset, tag] = POSITION.exec(text) ?? [];
  return epoch && offset && tag ? { epoch, offset: Number(offset), tag } : null;
}

/** Whether a text is a position that a room can read. */
export function isPosition(text: string): boolean {
  return POSITION.test(text);
}

/** A number of 15 digits is exact. */
const POSITION = /^([\w-]{1,64})\.(\d{1,15})\.([\w-]{1,32})$/;
