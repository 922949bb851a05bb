import { roomPath } from "@partyflare/shared";
import { invalidOption, isPrivateHostname } from "@partyflare/shared/internal";

/** Where a room is, as a client says it. */
export interface RoomLocation {
  /**
   * The Worker's host, with its port: `example.com`, `localhost:8787`. A scheme before it decides
   * about encryption: `https://` and `wss://` have it, `http://` and `ws://` do not. Without one, a
   * host on this machine or in a private network is spoken to without, every other with encryption.
   * Default: the page's own host, spoken to as the page was loaded.
   */
  host?: string | undefined;
  /** The party, as it stands in the URL: `my-party`. */
  party: string;
  /**
   * The room's name, any text of 1 to 512 bytes of UTF-8, without control characters. It is encoded
   * for you. The room refuses a longer one, or one with such characters.
   */
  room: string;
  /** The leading path segments, where the Worker chose others. Default: `parties`. */
  prefix?: string | undefined;
  /** What follows the room's name in the path, sent as it is. Default: nothing. */
  path?: string | undefined;
}

/** What may be said in a URL's query. `null` and `undefined` are left out. */
export type QueryValue = string | number | boolean | null | undefined;

/** The parameters of a URL's query, by name. */
export type Query = Readonly<Record<string, QueryValue>>;

/** A scheme, perhaps, and a host: whatever else a URL is made of begins or ends with one of these. */
const ADDRESS = /^(?:(https?|wss?):\/\/)?([^/?#@\\]+)\/*$/i;

/** The origin of the page this script runs in; undefined on a server, and outside of the web. */
export function pageOrigin(): string | undefined {
  const origin: string | undefined = globalThis.location?.origin;
  return origin?.startsWith("http") ? origin : undefined;
}

/**
 * The URL of a room, without a query.
 *
 * @param kind `ws` for sockets, `http` for requests.
 * @param location its `protocol` decides, else the scheme of its `host`, else what kind of host it
 *   is: see `RoomLocation`.
 * @throws PartyError `invalid` when the party, the room, the host or the path cannot be one, or
 *   when no host is given and there is no page to take it from.
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
  // The URL parser folds `..`, which must not lead into another room.
  const isInRoom = url.pathname === room || url.pathname.startsWith(`${room}/`);
  if (!isInRoom || url.search !== "" || url.hash !== "") throw invalidOption("path");
  return url;
}

/** The same URL with a query. */
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
