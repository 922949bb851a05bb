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

/** Rooms, ids and short parameters fit many times over; what is longer is no room's URL. */
export const MAX_URL_BYTES = 4_096;

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

/** Frames of one message. Our own client joins at most as many as 64 KiB hold, and 1,000 that wait. */
export const MAX_FRAMES = 1_024;

/** Frames in a row that a room could not take, after which it closes the connection. */
export const MAX_BAD_FRAMES = 100;

/** Issues of one validation that a client is told of. More would not help anyone. */
export const MAX_ISSUES = 10;

/**
 * The default size of a message. The platform takes 32 MiB, which four clients could fill an
 * isolate's 128 MB with.
 */
export const MAX_MESSAGE_BYTES = 1_024 * 1_024;

/** Cloudflare, Hibernatable WebSockets: the platform keeps at most 32,768 sockets for an object. */
export const MAX_CONNECTIONS = 32_768;

/**
 * The default of what may wait for a slow reader. The platform's own queue has no bound that we
 * found: in a local run it held 97 MiB for one connection.
 */
export const MAX_BUFFERED_BYTES = 1_024 * 1_024;

/**
 * The most that a client can owe, in milliseconds of its rate, or one burst if that is more: as long
 * as a client ever waits between two attempts.
 */
export const MAX_DEBT_MS = 30_000;

/**
 * The length of queued frames at which they are sent at once, in UTF-16 units. Most of a delivery's
 * cost is per message; a message of 64 KiB leaves little of that to be saved.
 */
export const MAX_BATCH_LENGTH = 65_536;

/** The window in which a room joins frames, unless its party sets another: a picture on a screen. */
export const BATCH_WINDOW_MS = 16;

/** The longest window in which frames are joined: longer ones are no delivery but a digest. */
export const MAX_BATCH_WINDOW_MS = 1_000;

/** For how many windows a reader that is behind is not sent what may go stale: 1 s of 16 ms each. */
export const MAX_HELD_WINDOWS = 64;

/**
 * The interval of a client's pings in milliseconds, give or take a fifth. By default nginx closes a
 * connection without data after 60 s: https://nginx.org/en/docs/http/websocket.html
 */
export const PING_EVERY_MS = 25_000;

/** How long a client waits for the answer. */
export const PONG_WITHIN_MS = 10_000;

/**
 * The default time of silence after which a connection that has pinged is dead, in ms. Chrome lets
 * the timers of a hidden tab run once a minute; half of that again is for a slow network.
 */
export const DEAD_AFTER_MS = 90_000;

/**
 * How often at most a room looks for dead connections when something happens in it, in ms. Looking
 * at 9,500 costs about 10 ms.
 */
export const LOOK_FOR_DEAD_EVERY_MS = 10_000;

/** By when a response has taken the client's end of its socket, if its client is still there. */
export const TAKEN_WITHIN_MS = 10_000;

/** Of `WireOnce.since`: an epoch of 16 characters, and a time of 13 digits. */
export const MAX_SINCE_LENGTH = 64;

/** The default number of durable events that a room keeps. */
export const KEEP_EVENTS = 1_000;

/**
 * The default time for which it keeps them, in ms. It covers a change of network, a reload or a
 * deploy, but not a laptop that sleeps.
 */
export const KEEP_EVENTS_MS = 120_000;

/** The default size of all that it keeps, in bytes. */
export const KEEP_EVENTS_BYTES = 8 * 1_024 * 1_024;

/**
 * The frames of a replay, or of a page of the history, that are one message, in bytes of UTF-8. A
 * larger event goes alone. Between two messages the room looks whether the reader has read.
 */
export const MAX_REPLAY_BYTES = 262_144;

/** How long a reader may take over one such message, in ms, before it is too slow. */
export const REPLAY_WITHIN_MS = 30_000;

/** Events that one call for the history is answered with, and rows that it reads, at most. */
export const MAX_HISTORY_PAGE = 1_000;

/**
 * Calls of one page that may be sent and unanswered at a time. The room keeps their results until the
 * page has the answers.
 */
export const MAX_OPERATIONS = 64;

/** The least time for which a room keeps the result of a call that happens once: a day, in ms. */
export const KEEP_RESULTS_MS = 86_400_000;

/**
 * What the stored results of all clients of a room take at most, in bytes. Cloudflare, SQLite in
 * Durable Objects: a room stores up to 10 GB; a room's 1 KiB results of 10,000 clients fit here.
 */
export const MAX_RESULTS_BYTES = 16 * 1_024 * 1_024;

/** The size of a stored result, in UTF-16 units. Cloudflare, SQLite in Durable Objects: a row has at most 2 MB. */
export const MAX_RESULT_LENGTH = 524_288;

/** Calls that happen once, and wait on a client to be answered. Their texts share 1 MiB. */
export const MAX_KEPT_CALLS = 1_000;

/** See `MAX_KEPT_CALLS`. */
export const MAX_KEPT_CALLS_LENGTH = 1_024 * 1_024;
