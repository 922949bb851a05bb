import { isPrivateHostname, PartyError, roomPath } from "@partyflare/shared";

/** Where a room is, as a client says it. */
export interface RoomLocation {
  /**
   * The Worker's host, with its port: `example.com`, `localhost:8787`. A scheme before it and a
   * slash after it are ignored. Default: the page's own.
   */
  host?: string | undefined;
  /** The party, as it stands in the URL: `my-party`. */
  party: string;
  /** The room's name, any text of 1 to 512 bytes of UTF-8. It is encoded for you. */
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

/** The page that a script runs in, as far as a URL needs it. */
export interface Page {
  /** As `location.host` has it. */
  host: string;
  /** As `location.protocol` has it: `https:`. */
  protocol: string;
}

/** The page this script runs in; undefined on a server, and where a page has no host. */
export function currentPage(): Page | undefined {
  const page: Page | undefined = globalThis.location;
  const isWeb = page?.protocol === "http:" || page?.protocol === "https:";
  return isWeb && page.host !== "" ? { host: page.host, protocol: page.protocol } : undefined;
}

/**
 * The URL of a room, without a query.
 *
 * @param kind `ws` for sockets, `http` for requests.
 * @param location with a `protocol`, that one is taken. Else a page's own host is spoken to as
 *   the page was loaded; another without encryption when it is this machine or in a private
 *   network, and with it everywhere else.
 * @throws PartyError `invalid` when the party, the room, the host or the path cannot be one, or
 *   when no host is given and there is no page to take it from.
 */
export function roomUrl(
  kind: "ws" | "http",
  location: RoomLocation & { protocol?: string },
  page = currentPage(),
): URL {
  const host = location.host === undefined ? page?.host : bareHost(location.host);
  if (host === undefined) {
    throw invalid("There is no page here to take the host from: pass `host`.");
  }
  const hostname = hostnameOf(host);
  const isPlain =
    location.host === undefined ? page?.protocol === "http:" : isPrivateHostname(hostname);
  const scheme = location.protocol ?? (isPlain ? kind : `${kind}s`);
  const room = roomPath({ ...location, path: "" });
  const url = new URL(`${scheme}://${host}${roomPath(location)}`);
  // The URL parser folds `..`, which must not lead into another room.
  const isInRoom = url.pathname === room || url.pathname.startsWith(`${room}/`);
  if (!isInRoom || url.search !== "" || url.hash !== "") {
    throw invalid("`path` is a path within the room, without `..`, `?` or `#`.");
  }
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

function bareHost(host: string): string {
  return host.replace(/^(https?|wss?):\/\//i, "").replace(/\/+$/, "");
}

function hostnameOf(host: string): string {
  try {
    // Whatever else a URL is made of begins or ends with one of these.
    if (/[/?#@\\]/.test(host)) throw new TypeError("More than a host.");
    return new URL(`http://${host}`).hostname;
  } catch (cause) {
    const message = "`host` is a host with an optional port, as in `example.com:8787`.";
    throw new PartyError("invalid", { message, cause });
  }
}

function invalid(message: string): PartyError<"invalid"> {
  return new PartyError("invalid", { message });
}
