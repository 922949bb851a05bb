import { MAX_ATTACHMENT_BYTES } from "@partyflare/shared/internal";

/** What of a connection survives hibernation: the platform keeps it beside the socket. */
export interface Attachment {
  readonly id: string;
  readonly tags: readonly string[];
  readonly state: unknown;
  /** Base64url of the SHA-256 of the client's key; null where it came without one. */
  readonly keyHash: string | null;
  /** Whether the client speaks frames; else it is raw. */
  readonly isFramed: boolean;
  /** Milliseconds since 1970 after which it is used no more; null for never. */
  readonly expiresAtMs: number | null;
}

/** Raised when the form changes, so that new code can tell what old code wrote. */
const VERSION = 1;

/**
 * Writes the attachment, and gives back what will be read from it: a copy.
 *
 * @param changed what the caller is changing, for the error's text.
 * @throws RangeError when all of it together exceeds 16,384 bytes serialized, saying how large the
 *   change was and what room there is for it; TypeError when it cannot be cloned. What was written
 *   before is still in place then.
 */
export function writeAttachment(
  socket: WebSocket,
  attachment: Attachment,
  changed: "state" | "tags",
): Attachment {
  try {
    socket.serializeAttachment(encode(attachment));
  } catch (error) {
    if (error instanceof DOMException) {
      throw new TypeError(`A connection's ${changed} must be cloneable. ${error.message}`, {
        cause: error,
      });
    }
    throw tooLarge(attachment, changed, error);
  }
  return decodeAttachment(socket.deserializeAttachment()) ?? attachment;
}

function encode({ id, tags, state, keyHash, isFramed, expiresAtMs }: Attachment): unknown[] {
  return [VERSION, id, tags, state, keyHash, isFramed, expiresAtMs];
}

/** What stands beside a socket. */
export type ReadAttachment =
  | { readonly kind: "connection"; readonly attachment: Attachment }
  /** The connection has left; or nobody has written anything. */
  | { readonly kind: "none" }
  /** An app's own, or another library's. */
  | { readonly kind: "foreign"; readonly value: unknown };

/** Reads what stands beside a socket. Every version that was ever released can be read. */
export function readAttachment(socket: WebSocket): ReadAttachment {
  const value: unknown = socket.deserializeAttachment();
  if (value === null || value === undefined || value === LEFT) return { kind: "none" };
  const attachment = decodeAttachment(value);
  return attachment ? { kind: "connection", attachment } : { kind: "foreign", value };
}

function decodeAttachment(written: unknown): Attachment | undefined {
  if (!Array.isArray(written)) return undefined;
  const [version, id, tags, state, keyHash, isFramed, expiresAtMs] = written as Written;
  if (version !== VERSION || typeof id !== "string" || !Array.isArray(tags)) return undefined;
  return { id, tags, state, keyHash, isFramed, expiresAtMs };
}

type Written = [number, string, string[], unknown, string | null, boolean, number | null];

/** Beside a socket whose connection has left. */
const LEFT = "left";

/** Marks a socket as nobody's: the room ignores whatever the platform still reports of it. */
export function eraseAttachment(socket: WebSocket): void {
  socket.serializeAttachment(LEFT);
}

function tooLarge(attachment: Attachment, changed: "state" | "tags", cause: unknown): RangeError {
  const size = serializedBytes(attachment[changed]);
  const padded = refusedBytes(encode({ ...attachment, [changed]: PADDING }));
  const rule = `${MAX_ATTACHMENT_BYTES} bytes hold a connection's id, tags, state and key`;
  const padding = serializedBytes(PADDING);
  if (size === undefined || padded === undefined || padding === undefined) {
    return new RangeError(`A connection's ${changed} is too large: ${rule}.`, { cause });
  }
  const left = Math.max(0, MAX_ATTACHMENT_BYTES - (padded - padding));
  return new RangeError(
    `A connection's ${changed} is ${size} bytes serialized, and there is room for ${left}: ${rule}.`,
    { cause },
  );
}

const PADDING = "x".repeat(MAX_ATTACHMENT_BYTES);

/**
 * How large a value is serialized. The platform tells a size only when it refuses one, so it is
 * handed more than it takes; undefined should it word its refusal in another way one day.
 */
function serializedBytes(value: unknown): number | undefined {
  const empty = refusedBytes([PADDING, null]);
  const full = refusedBytes([PADDING, value]);
  return empty === undefined || full === undefined ? undefined : full - empty + 1;
}

function refusedBytes(value: unknown): number | undefined {
  try {
    new WebSocketPair()[0].serializeAttachment(value);
    return undefined;
  } catch (error) {
    const [, bytes] = /was (\d+) bytes/.exec(String(error)) ?? [];
    return bytes === undefined ? undefined : Number(bytes);
  }
}
