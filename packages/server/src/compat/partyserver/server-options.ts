import {
  lineage,
  mergeOptions,
  type OptionsHolder,
  type PartyOptions,
  type ResolvedOptions,
} from "../../options";

/** Options of a class: `static options`. A subclass inherits those that it does not set. */
export interface ServerOptions extends Pick<PartyOptions, "hibernate" | "limits"> {
  /**
   * Whether `onMessage` runs for a message while it still runs for earlier ones of the same
   * connection. Default: true, as in partyserver. `Party` runs them one after the other.
   */
  concurrentMessages?: boolean;
  /**
   * Whether several open connections may have one id. Default: false; a new connection closes an
   * older one that has its id, with 4409.
   */
  sharedIds?: boolean;
}

/**
 * The key of a server's property that tells whether it hibernates. Copies of this package share it.
 */
export const HIBERNATES = Symbol.for("partyflare.server.hibernates");

/** The options of a server, with every default filled in. */
export interface ResolvedServerOptions {
  readonly room: ResolvedOptions;
  readonly concurrentMessages: boolean;
  readonly sharedIds: boolean;
}

/** Cloudflare: the platform accepts no longer message. */
const MAX_PLATFORM_MESSAGE_BYTES = 32 * 1024 * 1024;

/** partyserver has no limits of its own. */
const BASE: OptionsHolder = {
  name: "Server",
  options: {
    limits: {
      messageBytes: MAX_PLATFORM_MESSAGE_BYTES,
      bufferedBytes: 2 * MAX_PLATFORM_MESSAGE_BYTES,
    },
  },
};

const OWN = ["concurrentMessages", "sharedIds"] as const;

/**
 * Merges the options of a class and its ancestors.
 *
 * @param hibernate the option of an instance, which wins.
 * @throws TypeError or RangeError for a wrong option.
 */
export function resolveServerOptions(
  server: OptionsHolder,
  hibernate?: boolean,
): ResolvedServerOptions {
  const own = { concurrentMessages: true, sharedIds: false };
  const holders = lineage(server).map(({ name, options }) => {
    const rest: Record<string, unknown> = { ...options };
    for (const option of OWN) {
      const value = rest[option];
      delete rest[option];
      if (value === undefined) continue;
      if (typeof value !== "boolean") {
        throw new TypeError(
          `${name}.options.${option} is a boolean, not ${JSON.stringify(value)}.`,
        );
      }
      own[option] = value;
    }
    return { name, options: rest };
  });
  const last = { name: server.name, options: hibernate === undefined ? {} : { hibernate } };
  return { ...own, room: mergeOptions([BASE, ...holders, last]) };
}
