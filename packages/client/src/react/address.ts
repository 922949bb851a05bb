import type { ConnectOptions, PartySocketOptions } from "../connection/options";

/** Options for sharing a connection between components. */
export interface SharingOptions {
  /**
   * The user's id in your app. Two components with different identities never share a connection. A
   * renewed token belongs to the same identity. Set it if `token` is a function, because functions
   * cannot be compared. Default: the token, if it is a string.
   */
  identity?: string | undefined;
  /**
   * Whether this component needs a connection. While false, the options are not checked. Default:
   * true.
   */
  enabled?: boolean | undefined;
}

/** The options of a component that shares its room with others. */
export type ShareOptions = ConnectOptions & SharingOptions;

/** A client's credentials: its identity or token, its key and its id, as far as they are set. */
export type Credentials = readonly unknown[];

/** The options that decide which connection a component shares. */
export type AddressOptions = Pick<SharingOptions, "identity"> &
  Pick<
    PartySocketOptions,
    "host" | "id" | "key" | "party" | "path" | "prefix" | "protocol" | "query" | "room" | "token"
  >;

/**
 * Returns a string that is equal for two connections to the same place. A query is compared by its
 * content.
 */
export function locationOf(options: AddressOptions): string {
  return JSON.stringify(placeOf(options));
}

function placeOf(options: AddressOptions): Readonly<Record<string, string | undefined>> {
  const { host, party, room, path, prefix, protocol, query } = options;
  // The result of a query function is known only at an attempt.
  const parameters = typeof query === "function" ? {} : (query ?? {});
  const content = Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => JSON.stringify([name, String(value)]));
  // oxlint-disable-next-line unicorn/no-array-sort -- an array of our own, and older browsers have no other
  return { host, party, room, path, prefix, protocol, query: content.sort().join() };
}

/**
 * Returns the client's credentials. With an identity, the token is left out. Two token functions
 * count as equal, because functions cannot be compared.
 */
export function credentialsOf({ id, identity, key, token }: AddressOptions): Credentials {
  const who = typeof token === "function" || (token ?? undefined);
  return [identity, identity === undefined ? who : undefined, key, id];
}

/**
 * Whether the room may accept this token after it refused the last one. Two functions cannot be
 * compared.
 */
export function isNewToken(token: AddressOptions["token"], last: AddressOptions["token"]): boolean {
  if (typeof token === typeof last) return typeof token === "string" && token !== last;
  return Boolean(token);
}

/** Whether the other credentials include all given ones. */
export function matches(given: Credentials, other: Credentials): boolean {
  return given.every((part, index) => part === undefined || part === other[index]);
}

/** Returns a string that is equal for two renders that mean the same connection. */
export function addressOf(options: AddressOptions): string {
  return JSON.stringify([locationOf(options), credentialsOf(options)]);
}

/** Returns the parts of an address by the names of their options. Each is equal by `===`. */
export function partsOf(options: AddressOptions): Readonly<Record<string, unknown>> {
  const [identity, token, key, id] = credentialsOf(options);
  return { ...placeOf(options), identity, token, key, id };
}
