import type { ConnectOptions, PartySocketOptions } from "../connection/options";

/** What a hook is told of sharing, beside the options of a connection. */
export interface SharingOptions {
  /**
   * Who connects, as the app knows them: a user's id. Two components with two identities never share
   * a connection, and a token that is renewed is the same identity's. Give it where `token` is a
   * function: functions cannot be compared. Default: the token, where it is a text.
   */
  identity?: string | undefined;
  /** Whether this component needs a connection. While it does not, nothing is checked. Default: true. */
  enabled?: boolean | undefined;
}

/** The options of a component that shares its room with others. */
export type ShareOptions = ConnectOptions & SharingOptions;

/** What makes a client another client: its identity or token, its key and its id, where given. */
export type Credentials = readonly unknown[];

type AddressOptions = Pick<SharingOptions, "identity"> &
  Pick<
    PartySocketOptions,
    "host" | "id" | "key" | "party" | "path" | "prefix" | "protocol" | "query" | "room" | "token"
  >;

/** Equal for two connections to the same place. The query counts by content. */
export function locationOf(options: AddressOptions): string {
  const { host, party, room, path, prefix, protocol, query } = options;
  // A function's answer is known only when it is asked.
  const parameters = typeof query === "function" ? {} : (query ?? {});
  const content = Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => JSON.stringify([name, String(value)]));
  // oxlint-disable-next-line unicorn/no-array-sort -- an array of our own, and older browsers have no other
  return JSON.stringify([host, party, room, path, prefix, protocol, content.sort()]);
}

/**
 * Who connects. A token is no part of it where there is an identity; two functions for a token are
 * equal, since they cannot be compared.
 */
export function credentialsOf({ id, identity, key, token }: AddressOptions): Credentials {
  const who = typeof token === "function" || (token ?? undefined);
  return [identity, identity === undefined ? who : undefined, key, id];
}

/**
 * Whether a room may take a token that did not take the last one. Two functions cannot be compared.
 */
export function isNewToken(token: AddressOptions["token"], last: AddressOptions["token"]): boolean {
  if (typeof token === typeof last) return typeof token === "string" && token !== last;
  return Boolean(token);
}

/** Whether all that is given is the other's too. */
export function matches(given: Credentials, other: Credentials): boolean {
  return given.every((part, index) => part === undefined || part === other[index]);
}

/** Equal for two renders that mean the same connection. */
export function addressOf(options: AddressOptions): string {
  return JSON.stringify([locationOf(options), credentialsOf(options)]);
}
