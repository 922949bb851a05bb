/** A client's position among a room's durable events. */
export interface Position {
  /** The epoch of the room's storage. */
  readonly epoch: string;
  /**
   * The offset of the last event that the client received, or of the start that the room gave it.
   */
  readonly offset: number;
  /** The tag of the event at that offset. */
  readonly tag: string;
}

/** Returns a position in the form of a URL parameter: `epoch.offset.tag`. */
export function encodePosition({ epoch, offset, tag }: Position): string {
  return `${epoch}.${offset}.${tag}`;
}

/** Parses a position; null if the text is not one. */
export function decodePosition(text: string): Position | null {
  const [, epoch, offset, tag] = POSITION.exec(text) ?? [];
  return epoch && offset && tag ? { epoch, offset: Number(offset), tag } : null;
}

/** Whether a room can parse the text as a position. */
export function isPosition(text: string): boolean {
  return POSITION.test(text);
}

/** A number of 15 digits is exact. */
const POSITION = /^([\w-]{1,64})\.(\d{1,15})\.([\w-]{1,32})$/;
