import {
  BATCH_WINDOW_MS,
  DEAD_AFTER_MS,
  MAX_BAD_FRAMES,
  MAX_BATCH_WINDOW_MS,
  MAX_BUFFERED_BYTES,
  MAX_CONNECTIONS,
  MAX_MESSAGE_BYTES,
} from "@partyflare/shared/internal";

/** Options of a party class: `static options`. A subclass inherits those that it does not set. */
export interface PartyOptions {
  /**
   * Whether the room may leave memory while connections stay open (WebSocket hibernation). Default:
   * false. The room then stays in memory, and is billed, while any client is connected.
   */
  hibernate?: boolean;

  /**
   * Whether the room checks events, and the replies and errors of calls, against the contract before
   * it sends them. Use it in development. Default: false, which costs nothing.
   */
  checkOutgoing?: boolean;

  /** The room's limits. */
  limits?: LimitOptions;

  /** How the room batches frames; `false` turns batching off. Default: a window of 16 ms. */
  batch?: BatchOptions | false;
}

/** Options of batching. */
export interface BatchOptions {
  /**
   * The length of a batch window, in ms. The room sends the first frame of a window to a connection
   * at once. It queues later frames and sends them at the window's end as one message, in order. In
   * a quiet room no frame is delayed. A reply, an error, bytes and a close are sent at once,
   * together with the queued frames. Raw connections get every message separately, at once.
   * Default: 16, about one frame of a screen. Above 0 and at most 1,000.
   */
  windowMs?: number;
}

/** Limits of a room. `Infinity` means no limit. */
export interface LimitOptions {
  /** Bytes of one message. Above it: `too_large`, and the room closes with 4413. Default: 1 MiB. */
  messageBytes?: number;
  /**
   * Open connections of the room. Above it: `room_full`, 4503. Default: 32,768, the platform's
   * limit.
   */
  connections?: number;
  /**
   * Bytes sent to a connection that the client has not read yet. Above it, the room closes the
   * connection with 4408. The runtime must report them (`WebSocket.bufferedAmount`, workerd of
   * November 2026). Default: 1 MiB.
   */
  bufferedBytes?: number;
  /**
   * The heartbeat timeout in ms. A connection that has pinged and then stays silent for this long
   * is closed with 1006. A hibernating room checks only while it is awake, when something happens
   * in it. Default: 90,000, since browsers let a hidden tab ping once a minute.
   */
  deadAfterMs?: number;
  /** Invalid frames in a row after which the room closes the connection with 4400. Default: 100. */
  badFrames?: number;
  /**
   * Messages per second of one client, over all its connections. Each frame of a batch counts.
   * Above it: `rate_limited`, and 4429 if the client continues. A room in memory also counts pings;
   * for a hibernating room the platform answers them. Default: Infinity.
   */
  messagesPerSecond?: number;
  /** Messages that a client may send at once. Default: the messages of one second. */
  messageBurst?: number;
  /** Bytes of UTF-8 per second of one client, counted like messages. Default: Infinity. */
  bytesPerSecond?: number;
}

/** Limits with every default filled in. A burst of 0 stands for the messages of one second. */
export type Limits = Readonly<Required<LimitOptions>>;

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly hibernate: boolean;
  readonly checkOutgoing: boolean;
  readonly limits: Limits;
  /** A window of 0 turns batching off. */
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
export interface OptionsHolder {
  readonly name: string;
  readonly options?: PartyOptions;
}

/**
 * Merges the `static options` of a class and its ancestors. The nearest class wins.
 *
 * @throws TypeError if an option does not exist or has the wrong type: a misspelt option would
 *   otherwise have no effect. RangeError if a limit is not above 0.
 */
export function resolveOptions(party: OptionsHolder): ResolvedOptions {
  return mergeOptions(lineage(party));
}

/**
 * Merges options, with the defaults first and the nearest class last. It throws as `resolveOptions`
 * does.
 */
export function mergeOptions(holders: readonly OptionsHolder[]): ResolvedOptions {
  return holders.reduce(
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
        `${where}.${option} does not exist. The options are ${Object.keys(merged).join(", ")}.`,
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

/** The class after its ancestors, without those that have no options of their own. */
export function lineage(party: OptionsHolder): OptionsHolder[] {
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
