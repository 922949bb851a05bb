/**
 * Cloudflare, Durable Objects: an id reports its name only up to 1,024 bytes. Half of that leaves
 * room for an app's own prefixes, and for three-byte escapes within a 4 KiB URL.
 */
export const MAX_ROOM_NAME_BYTES = 512;

/** An id is repeated in messages and kept in the attachment, so it stays short. A UUID takes 36. */
export const MAX_CONNECTION_ID_LENGTH = 128;

/** Cloudflare, Hibernatable WebSockets: the platform allows a socket 10 tags, and so do we. */
export const MAX_TAGS = 10;

/** Cloudflare, Hibernatable WebSockets: the platform's own tags have at most 256 characters. */
export const MAX_TAG_LENGTH = 256;

/** Cloudflare, `serializeAttachment`: a serialized attachment has at most 16,384 bytes. */
export const MAX_ATTACHMENT_BYTES = 16_384;

/** RFC 6455 §5.5: a control frame carries 125 bytes, 2 of them the code. */
export const MAX_CLOSE_REASON_BYTES = 123;

/** Messages of one connection that may wait while a handler of an earlier one is still running. */
export const MAX_WAITING_MESSAGES = 1_024;

/** Their bytes. With 128 MB for all objects of an isolate, 30 such connections fill it. */
export const MAX_WAITING_BYTES = 4 * 1_024 * 1_024;

/** How deep the JSON of a frame may nest. Payloads seldom pass 10; walks of it recurse. */
export const MAX_JSON_DEPTH = 64;

/** Frames in a row that a room could not take, after which it closes the connection. */
export const MAX_BAD_FRAMES = 100;

/** Issues of one validation that a client is told of. More would not help anyone. */
export const MAX_ISSUES = 10;
