import {
  BATCH_WINDOW_MS,
  DEAD_AFTER_MS,
  MAX_BAD_FRAMES,
  MAX_BATCH_WINDOW_MS,
  MAX_BUFFERED_BYTES,
  MAX_CONNECTIONS,
  MAX_MESSAGE_BYTES,
} from "@partyflare/shared/internal";

/** What a party class may set as `static options`. A subclass inherits what it does not set. */
export interface PartyOptions {
  /**
   * Whether the room may leave memory while its connections stay open (WebSocket hibernation).
   * Default false: the room stays in memory, and is billed, for as long as anyone is connected.
   */
  hibernate?: boolean;

  /**
   * Whether events and replies are checked against the contract before they leave, so that the
   * room cannot break its own promise: for development. Default false, which costs nothing.
   */
  checkOutgoing?: boolean;

  /** What the room takes at most. */
  limits?: LimitOptions;

  /**
   * How frames that follow each other closely are joined; `false` for not at all. Default: those of
   * 16 ms.
   */
  batch?: BatchOptions | false;
}

/** How frames are joined. */
export interface BatchOptions {
  /**
   * How long a window is, in ms. The first frame of a window to a connection leaves at once. All
   * that the room sends to it within the same window leaves at its end as one message, in order. In
   * a quiet room nothing waits. A reply, an error, bytes and a close never wait, and take along what
   * does. Raw connections get every message by itself, at once. Default: 16, about one picture on a
   * screen; above 0 and at most 1,000.
   */
  windowMs?: number;
}

/** What a room takes at most. `Infinity` is no limit. */
export interface LimitOptions {
  /** Bytes of one message. Beyond: `too_large`, and the connection is closed 4413. Default: 1 MiB. */
  messageBytes?: number;
  /** Open connections of the room. Beyond: `room_full`, 4503. Default: 32,768, the platform's own. */
  connections?: number;
  /**
   * Bytes sent to a connection and not read yet. Beyond: it is closed 4408, where the runtime
   * tells (`WebSocket.bufferedAmount`, workerd of November 2026). Default: 1 MiB.
   */
  bufferedBytes?: number;
  /**
   * Milliseconds after which a connection that has pinged, and is silent since, is dead: it leaves
   * with 1006. A room that may sleep looks when something happens in it. Default: 90,000, since
   * browsers let a hidden tab ping once a minute.
   */
  deadAfterMs?: number;
  /** Frames in a row that could not be taken. At that: the connection is closed 4400. Default: 100. */
  badFrames?: number;
  /**
   * Messages per second of one client, over all its connections, each frame of a batch counted.
   * Above: `rate_limited`, and 4429 if the client continues. A room in memory counts pings too; for
   * a hibernating room the platform answers them. Default: Infinity.
   */
  messagesPerSecond?: number;
  /** Messages that may come at once. Default: those of one second. */
  messageBurst?: number;
  /**
   * Bytes of UTF-8 per second of one client, of which those of one second may come at once. As with
   * messages. Default: Infinity.
   */
  bytesPerSecond?: number;
}

/** Limits with every default filled in; a burst of 0 stands for that of one second. */
export type Limits = Readonly<Required<LimitOptions>>;

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly hibernate: boolean;
  readonly checkOutgoing: boolean;
  readonly limits: Limits;
  /** A window of 0 is none. */
  readonly batch: Readonly<Required<BatchOptions>>;
}

const DEFAULTS: ResolvedOptions = {
  hibernate: false,
  checkOutgoing: false,
  limits: {
    messageBytes: MAX_MESSAGE_BYTES,
    connections: MAX_CONNECTIONS,
    bufferedBytes: MAX_BUFFERED_BYTES,
    deadAfterMs: DEAD_AFTER_MS,
    badFrames: MAX_BAD_FRAMES,
    messagesPerSecond: Infinity,
    messageBurst: 0,
    bytesPerSecond: Infinity,
  },
  batch: { windowMs: BATCH_WINDOW_MS },
};

/** A class that may have `static options`. */
interface OptionsHolder {
  readonly name: string;
  readonly options?: PartyOptions;
}

/**
 * Merges the `static options` along a class's ancestors, the nearest last.
 *
 * @throws TypeError for an option that does not exist or has the wrong type: a misspelt one would
 *   otherwise do nothing, silently. RangeError for a limit that is not above 0.
 */
export function resolveOptions(party: OptionsHolder): ResolvedOptions {
  return lineage(party).reduce(
    (resolved, { name, options = {} }) => merge(resolved, options, `${name}.options`),
    DEFAULTS,
  );
}

function merge<Options extends object>(defaults: Options, options: object, where: string): Options {
  const merged = { ...defaults } as Record<string, unknown>;
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    const before = merged[option];
    if (!Object.hasOwn(merged, option)) {
      throw new TypeError(
        `${where}.${option} does not exist: there is ${Object.keys(merged).join(", ")}.`,
      );
    }
    if (option === "batch" && value === false) {
      merged[option] = { windowMs: 0 };
      continue;
    }
    if (typeof value !== typeof before || value === null) {
      throw new TypeError(
        `${where}.${option} is a ${typeof before}, not ${JSON.stringify(value)}.`,
      );
    }
    if (typeof value === "number") checkNumber(option, value, `${where}.${option}`);
    merged[option] =
      typeof before === "object" ? merge(before as object, value, `${where}.${option}`) : value;
  }
  return merged as Options;
}

/** `>` and not `<=`, since NaN is not above 0 either. */
function checkNumber(option: string, value: number, where: string): void {
  const most = option === "windowMs" ? MAX_BATCH_WINDOW_MS : Infinity;
  if (value > 0 && value <= most) return;
  const rule = most === Infinity ? "a number above 0" : `above 0 and at most ${most}`;
  throw new RangeError(`${where} is ${rule}, not ${value}.`);
}

/** The class after its ancestors, those without options of their own left out. */
function lineage(party: OptionsHolder): OptionsHolder[] {
  const classes: OptionsHolder[] = [];
  for (
    let current: OptionsHolder | null = party;
    typeof current === "function";
    current = Object.getPrototypeOf(current) as OptionsHolder | null
  ) {
    if (Object.hasOwn(current, "options")) classes.unshift(current);
  }
  return classes;
}
