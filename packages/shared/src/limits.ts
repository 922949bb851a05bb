/**
 * The longest room name. Cloudflare, Durable Objects: an id reports its name only up to 1,024
 * bytes. Half of that leaves room for an app's own prefixes, and for three-byte escapes within a 4
 * KiB URL.
 */
export const MAX_ROOM_NAME_BYTES = 512;

/**
 * The longest connection id. Messages and the attachment repeat it, so it stays short. A UUID has
 * 36 characters.
 */
export const MAX_CONNECTION_ID_LENGTH = 128;

/** Cloudflare, Hibernatable WebSockets: the platform allows a socket 10 tags. We allow as many. */
export const MAX_TAGS = 10;

/** Cloudflare, Hibernatable WebSockets: the platform's own tags have at most 256 characters. */
export const MAX_TAG_LENGTH = 256;

/** The longest URL of a room. Rooms, ids and short parameters fit many times over. */
export const MAX_URL_BYTES = 4_096;

/** Cloudflare, `serializeAttachment`: a serialized attachment has at most 16,384 bytes. */
export const MAX_ATTACHMENT_BYTES = 16_384;

/** RFC 6455 §5.5: a control frame carries 125 bytes, 2 of them the code. */
export const MAX_CLOSE_REASON_BYTES = 123;

/** Messages of one connection that may be queued while a handler still runs. */
export const MAX_WAITING_MESSAGES = 1_024;

/** Their bytes together. With 128 MB for all objects of an isolate, 30 such connections fill it. */
export const MAX_WAITING_BYTES = 4_194_304;

/** The deepest nesting of a frame's JSON. Payloads seldom pass 10, and the checks recurse. */
export const MAX_JSON_DEPTH = 64;

/** Frames of one message. Our client joins frames up to 64 KiB, and queues up to 1,000. */
export const MAX_FRAMES = 1_024;

/** Invalid frames in a row after which a room closes the connection. */
export const MAX_BAD_FRAMES = 100;

/** Issues of one validation that a room sends to a client. More would not help. */
export const MAX_ISSUES = 10;

/**
 * The default size of a message. The platform accepts 32 MiB: four such clients could fill an
 * isolate's 128 MB.
 */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** Cloudflare, Hibernatable WebSockets: the platform keeps at most 32,768 sockets for an object. */
export const MAX_CONNECTIONS = 32_768;

/**
 * The default buffer for a slow reader. We found no limit of the platform's own queue: in a local
 * run it held 97 MiB for one connection.
 */
export const MAX_BUFFERED_BYTES = 1_048_576;

/**
 * The most that a client can owe its rate limit, in milliseconds of its rate. A larger burst raises
 * it to one burst. It equals the longest delay between two attempts of a client.
 */
export const MAX_DEBT_MS = 30_000;

/**
 * The length of queued frames at which they are sent at once, in UTF-16 units. Most of a delivery's
 * cost is per message, so larger messages than 64 KiB save little more.
 */
export const MAX_BATCH_LENGTH = 65_536;

/** The default batch window in milliseconds: one frame of a screen. */
export const BATCH_WINDOW_MS = 16;

/** The longest batch window in milliseconds. A longer one would be a digest. */
export const MAX_BATCH_WINDOW_MS = 1_000;

/**
 * The number of windows for which a room holds replaceable events for a slow reader: 1 s of 16 ms
 * each.
 */
export const MAX_HELD_WINDOWS = 64;

/**
 * The heartbeat interval of a client in milliseconds, with ±20 % jitter. By default nginx closes an
 * idle connection after 60 s: https://nginx.org/en/docs/http/websocket.html
 */
export const PING_EVERY_MS = 25_000;

/** The heartbeat timeout of a client: how long it waits for a pong, in ms. */
export const PONG_WITHIN_MS = 10_000;

/**
 * The default heartbeat timeout of a room, in ms, for connections that have pinged. Chrome runs the
 * timers of a hidden tab once a minute; half a minute more allows for a slow network.
 */
export const DEAD_AFTER_MS = 90_000;

/**
 * The shortest interval, in ms, at which a room checks for dead connections when something happens
 * in it. A check of 9,500 takes about 10 ms.
 */
export const LOOK_FOR_DEAD_EVERY_MS = 10_000;

/**
 * The time in which a response takes the client's end of its socket, if its client is still
 * connected.
 */
export const TAKEN_WITHIN_MS = 10_000;

/** The longest `WireOnce.since`: an epoch of 16 characters, and a time of 13 digits. */
export const MAX_SINCE_LENGTH = 64;

/** The default number of durable events that a room keeps. */
export const KEEP_EVENTS = 1_000;

/**
 * The default time for which a room keeps durable events, in ms. It covers a change of network, a
 * reload or a deploy, but not a laptop that sleeps.
 */
export const KEEP_EVENTS_MS = 120_000;

/** The default size of all durable events that a room keeps, in bytes. */
export const KEEP_EVENTS_BYTES = 8_388_608;

/**
 * The size of one message of a replay, or of a page of the history, in bytes of UTF-8. A larger
 * event is sent alone. Between two messages the room checks whether the reader has caught up.
 */
export const MAX_REPLAY_BYTES = 262_144;

/** The time for one such message, in ms. After it the reader is too slow. */
export const REPLAY_WITHIN_MS = 30_000;

/** The most events in one answer to a history call, and the most rows that it reads. */
export const MAX_HISTORY_PAGE = 1_000;

/**
 * Calls of one page that may be in flight at a time. The room keeps their results until the page
 * has the answers.
 */
export const MAX_OPERATIONS = 64;

/**
 * The shortest time for which a room keeps the result of a call that happens once: a day, in ms.
 */
export const KEEP_RESULTS_MS = 86_400_000;

/**
 * The most that the stored results of all clients of a room take, in bytes. Cloudflare, SQLite in
 * Durable Objects: a room stores up to 10 GB. The 1 KiB results of 10,000 clients fit here.
 */
export const MAX_RESULTS_BYTES = 16_777_216;

/**
 * The size of a stored result, in UTF-16 units. Cloudflare, SQLite in Durable Objects: a row has at
 * most 2 MB.
 */
export const MAX_RESULT_LENGTH = 524_288;

/**
 * Calls that happen once and that a client queues until they are answered. Their texts share 1 MiB.
 */
export const MAX_KEPT_CALLS = 1_000;

/** See `MAX_KEPT_CALLS`. */
export const MAX_KEPT_CALLS_LENGTH = 1_048_576;

/**
 * The most data that a client may share about itself in presence, and that `who` may return, as
 * bytes of JSON each. Both are in the connection's attachment, beside its state.
 */
export const MAX_PRESENCE_BYTES = 2_048;

/**
 * The deepest nesting of that data. `$hello` wraps it 7 times: the frame, its parts, the list, the
 * members, the member, its devices and the device. It is `MAX_JSON_DEPTH` less 7, written as a
 * number, because bundlers keep a difference that nobody uses.
 */
export const MAX_PRESENCE_DEPTH = 57;

/** The default window of presence in ms: people see 20 updates a second as smooth. */
export const PRESENCE_WINDOW_MS = 50;

/** The default time in ms after which a member without connections leaves. It covers a reload. */
export const PRESENCE_GRACE_MS = 5_000;

/** The default number of members that a room lists to its clients. */
export const PRESENCE_MAX_LISTED = 500;

/**
 * The default size of the shared state of a room, in bytes of JSON. All objects in an isolate share
 * 128 MB.
 */
export const MAX_SHARED_BYTES = 4_194_304;

/**
 * The largest entry of the shared state, in bytes of JSON. Cloudflare, SQLite in Durable Objects: a
 * row has at most 2 MB.
 */
export const MAX_SHARED_ENTRY_BYTES = 524_288;

/**
 * The deepest nesting of the shared state. `$hello` wraps a key's value 5 times: the frame, its
 * parts, the part, its list of places, and the place. The value as a whole is one level more. It is
 * `MAX_JSON_DEPTH` less 4, written as a number, as above.
 */
export const MAX_SHARED_DEPTH = 60;

/** The default number of deleted entries that a room remembers for clients that reconnect. */
export const SHARED_TOMBSTONES = 1_000;

/** The default time for which a room remembers them, in ms: a week. */
export const SHARED_TOMBSTONES_MS = 604_800_000;
