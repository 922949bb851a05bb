import { roomPath } from "@partyflare/shared";
import { invalidOption, isPrivateHostname } from "@partyflare/shared/internal";

/** A room's location. */
export interface RoomLocation {
  /**
   * The Worker's host, with its port: `example.com`, `localhost:8787`.
   *
   * A scheme in front decides about encryption: on with `https://` and `wss://`, off with `http://`
   * and `ws://`. Without a scheme, encryption is off for this machine and private networks, and on
   * for all other hosts. Default: the page's own host and scheme.
   */
  host?: string | undefined;
  /** The party's name in the URL: `my-party`. */
  party: string;
  /**
   * The room's name: 1 to 512 bytes of UTF-8, without control characters. The client encodes it.
   * The room refuses other names.
   */
  room: string;
  /** The leading path segments, if the Worker sets others. Default: `parties`. */
  prefix?: string | undefined;
  /** The path after the room's name, sent unchanged. Default: none. */
  path?: string | undefined;
}

/** A value in a URL's query. `null` and `undefined` are left out. */
export type QueryValue = string | number | boolean | null | undefined;

/** The parameters of a URL's query, by name. */
export type Query = Readonly<Record<string, QueryValue>>;

/** An optional scheme, and a host without the characters that start other parts of a URL. */
const ADDRESS = /^(?:(https?|wss?):\/\/)?([^/?#@\\]+)\/*$/i;

/** The origin of the page that runs this script; undefined on a server and outside the web. */
export function pageOrigin(): string | undefined {
  const origin: string | undefined = globalThis.location?.origin;
  return origin?.startsWith("http") ? origin : undefined;
}

/**
 * Returns the URL of a room, without a query.
 *
 * @param kind `ws` for sockets, `http` for requests.
 * @param location its `protocol` decides, then the scheme of its `host`, then the kind of host: see
 *   `RoomLocation`.
 * @throws PartyError `invalid` for a party, room, host or path that is not valid. The host is
 *   required outside a page.
 */
export function roomUrl(
  kind: "ws" | "http",
  location: RoomLocation & { protocol?: string },
  page = pageOrigin(),
): URL {
  const [, scheme, host = ""] = ADDRESS.exec(location.host ?? page ?? "") ?? [];
  const hostname = hostnameOf(host);
  const isSecure = scheme ? /[ps]s$/i.test(scheme) : !isPrivateHostname(hostname);
  const protocol = location.protocol ?? (isSecure ? `${kind}s` : kind);
  const room = roomPath({ ...location, path: "" });
  const url = new URL(`${protocol}://${host}${roomPath(location)}`);
  // The URL parser resolves `..`, which must not lead to another room.
  const isInRoom = url.pathname === room || url.pathname.startsWith(`${room}/`);
  if (!isInRoom || url.search !== "" || url.hash !== "") throw invalidOption("path");
  return url;
}

/** Returns the URL with a query added. */
export function withQuery(url: URL, query: Query): URL {
  const result = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) result.searchParams.set(name, String(value));
  }
  return result;
}

function hostnameOf(host: string): string {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    throw invalidOption("host");
  }
}
