import { MAX_ATTACHMENT_BYTES } from "@partyflare/shared/internal";

/** The part of a connection that survives hibernation. The platform stores it with the socket. */
export interface Attachment {
  readonly id: string;
  readonly tags: readonly string[];
  readonly state: unknown;
  /** Base64url of the SHA-256 of the client's key; null without a key. */
  readonly keyHash: string | null;
  /** Whether the client uses frames; otherwise it is raw. */
  readonly isFramed: boolean;
  /** The time when it expires, in milliseconds since 1970; null for never. */
  readonly expiresAtMs: number | null;
  /** The names of the capabilities that the client has subscribed to. */
  readonly subscriptions: readonly string[];
  /** The data of capabilities, by their names. */
  readonly kept: Readonly<Record<string, unknown>>;
}

/** The part of an attachment that a caller changes. */
export type AttachmentPart = "kept" | "state" | "subscriptions" | "tags";

/** Incremented when the form changes, so that new code can read old attachments. */
const VERSION = 1;

/**
 * Writes the attachment, and returns the copy that later reads give.
 *
 * @param changed the field that the caller changes, for the error's text.
 * @param title its name there.
 * @throws RangeError if the attachment exceeds 16,384 bytes, serialized. Its text gives the size of
 *   the change and the space for it. TypeError if it cannot be cloned. After an error, the previous
 *   attachment stays.
 */
export function writeAttachment(
  socket: WebSocket,
  attachment: Attachment,
  changed: AttachmentPart,
  title: string = changed,
): Attachment {
  try {
    serialize(socket, encode(attachment));
  } catch (error) {
    if (error instanceof DOMException) {
      throw new TypeError(`A connection's ${title} must be cloneable. ${error.message}`, {
        cause: error,
      });
    }
    throw tooLarge(attachment, changed, title, error);
  }
  return decodeAttachment(deserialize(socket)) ?? attachment;
}

function encode({
  id,
  tags,
  state,
  keyHash,
  isFramed,
  expiresAtMs,
  ...more
}: Attachment): unknown[] {
  const common = [VERSION, id, tags, state, keyHash, isFramed, expiresAtMs];
  const { subscriptions, kept } = more;
  // Most rooms use no capability: their attachments stay small.
  if (subscriptions.length === 0 && Object.keys(kept).length === 0) return common;
  return [...common, subscriptions, kept];
}

/** The parsed attachment of a socket. */
export type ReadAttachment =
  | { readonly kind: "connection"; readonly attachment: Attachment }
  /** The connection has left, or nothing was written. */
  | { readonly kind: "none" }
  /** The attachment of an app or of another library. */
  | { readonly kind: "foreign"; readonly value: unknown };

/** Reads the attachment of a socket. It can read every released version. */
export function readAttachment(socket: WebSocket): ReadAttachment {
  const value = deserialize(socket);
  if (value === null || value === undefined || value === LEFT) return { kind: "none" };
  const attachment = decodeAttachment(value);
  return attachment ? { kind: "connection", attachment } : { kind: "foreign", value };
}

function decodeAttachment(written: unknown): Attachment | undefined {
  if (!Array.isArray(written)) return undefined;
  const [version, id, tags, state, keyHash, isFramed, expiresAtMs, subscriptions = [], kept = {}] =
    written as Written;
  if (version !== VERSION || typeof id !== "string" || !Array.isArray(tags)) return undefined;
  return { id, tags, state, keyHash, isFramed, expiresAtMs, subscriptions, kept };
}

type Written = [
  version: number,
  id: string,
  tags: string[],
  state: unknown,
  keyHash: string | null,
  isFramed: boolean,
  expiresAtMs: number | null,
  subscriptions?: string[],
  kept?: Record<string, unknown>,
];

/** The attachment of a socket whose connection has left. */
const LEFT = "left";

/** Marks a socket as left: the room ignores all later events of it. */
export function eraseAttachment(socket: WebSocket): void {
  serialize(socket, LEFT);
}

/** The platform's method. A socket may have one of its own, for the app: see server-connection.ts. */
function serialize(socket: WebSocket, value: unknown): void {
  WebSocket.prototype.serializeAttachment.call(socket, value);
}

function deserialize(socket: WebSocket): unknown {
  return WebSocket.prototype.deserializeAttachment.call(socket) as unknown;
}

function tooLarge(
  attachment: Attachment,
  changed: AttachmentPart,
  title: string,
  cause: unknown,
): RangeError {
  const size = serializedBytes(attachment[changed]);
  const padded = refusedBytes(encode({ ...attachment, [changed]: PADDING }));
  const rule = `${MAX_ATTACHMENT_BYTES} bytes hold a connection's id, tags, state, key and presence`;
  const padding = serializedBytes(PADDING);
  if (size === undefined || padded === undefined || padding === undefined) {
    return new RangeError(`A connection's ${title} is too large: ${rule}.`, { cause });
  }
  const left = Math.max(0, MAX_ATTACHMENT_BYTES - (padded - padding));
  return new RangeError(
    `A connection's ${title} is ${size} bytes serialized, and there is room for ${left}: ${rule}.`,
    { cause },
  );
}

const PADDING = "x".repeat(MAX_ATTACHMENT_BYTES);

/**
 * Returns the serialized size of a value. The platform gives a size only in its error for a value
 * that is too large, so this passes one. The result is undefined if the text of that error ever
 * changes.
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
