import { uriComponent } from "@partyflare/shared/internal";
import type { Params, PartyFetchOptions, PartySocketOptions, UrlProvider } from "./options";

/** The address of a room, as partysocket writes it. */
export interface RoomAddress {
  /** Without a scheme and without a slash at the end. */
  readonly host: string;
  /** The path after the room's name, with a slash in front; empty without one. */
  readonly path: string;
  /** The party's name. */
  readonly name: string;
  /** The URL without its query. */
  readonly roomUrl: string;
  /** The URL with its query. */
  readonly url: UrlProvider;
}

/** This machine, with its port, and private IPv4 addresses. */
const UNENCRYPTED_HOST =
  /^(?:(?:localhost|127\.0\.0\.1|\[::ffff:7f00:1\]):|(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d+)+(?:[:/]|$))/;

/**
 * Returns the address of a room. The name is not encoded: a room that partyserver has stored keeps
 * its name, which is the raw path segment.
 *
 * @param kind `ws` for sockets, `http` for requests.
 * @param fixed parameters of the query that precede the app's.
 * @throws Error for a path that starts with a slash.
 */
export function roomAddress(
  kind: "ws" | "http",
  options: PartySocketOptions | PartyFetchOptions,
  fixed: Params = {},
): RoomAddress {
  const { query, room, party, prefix, protocol } = options;
  if (options.path?.startsWith("/")) {
    throw new Error(`The path must not start with a slash: ${options.path}`);
  }
  const host = options.host.replace(/^(?:http|ws)s?:\/\//, "").replace(/\/$/, "");
  const name = party ?? "main";
  const path = options.path ? `/${options.path}` : "";
  const scheme = protocol || (UNENCRYPTED_HOST.test(host) ? kind : `${kind}s`);
  const place = options.basePath || `${prefix || "parties"}/${name}/${room}`;
  const roomUrl = `${scheme}://${host}/${place}${path}`;
  // As a URL parser does. The WebSocket of workerd takes only ASCII.
  const ascii = roomUrl.replaceAll(/[^\x21-\x7e]/gu, uriComponent);
  const withQuery = (parameters: Params = {}) =>
    `${ascii}?${[...pairsOf(fixed), ...pairsOf(parameters)].join("&")}`;
  const url = typeof query === "function" ? async () => withQuery(await query()) : withQuery(query);
  return { host, path, name, roomUrl, url };
}

/** Returns the pairs of a query. React Native's `URLSearchParams` takes no list of pairs. */
function pairsOf(parameters: Params): string[] {
  return Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined)
    .map((pair) => pair.map((part) => uriComponent(String(part))).join("="));
}
