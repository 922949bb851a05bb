import { isLoopbackHostname } from "@partyflare/shared/internal";
import { logError } from "../log";

/**
 * Foreign pages that may connect. An entry is one of:
 *
 * - an origin: `https://app.example.com`;
 * - a host with any scheme: `app.example.com`;
 * - all subdomains of a host: `https://*.example.com`;
 * - a host on any port: `localhost:*`;
 * - every page: `*`.
 *
 * An entry without a port means the default port of its scheme.
 */
export type AllowedOrigins = readonly string[];

/** Options of the origin check. */
export interface OriginOptions {
  /**
   * Foreign pages that may open a WebSocket: `["https://app.example.com"]`, for example. Default:
   * none. Pages on the Worker's own host may always connect, and so may clients that are not
   * browsers.
   */
  allowedOrigins?: AllowedOrigins;
}

/**
 * Returns a 403 if the page that sent a request may not connect, otherwise null.
 *
 * @throws TypeError if an entry is not an origin.
 */
export function checkOrigin(
  request: Request,
  { allowedOrigins }: OriginOptions = {},
): Response | null {
  checkOrigins(allowedOrigins);
  if (isOriginAllowed(request, allowedOrigins)) return null;
  const origin = request.headers.get("Origin") ?? "";
  logError("a page of another host was refused; see the option `allowedOrigins`", origin);
  // Always plain HTTP: a page that may not connect gets no answer that it can read.
  return new Response("Forbidden", { status: 403 });
}

/**
 * Whether the page that sent a request may connect. Allowed are pages of the same host, pages of an
 * allowed host, and local pages for a local Worker. A browser always sends an `Origin`; a client
 * without one is not a browser, and passes.
 */
export function isOriginAllowed(request: Request, allowed: AllowedOrigins = []): boolean {
  const header = request.headers.get("Origin");
  if (header === null) return true;
  if (isListed(header, allowed)) return true;
  const origin = parse(header);
  if (!origin) return false;
  const own = new URL(request.url);
  return (
    origin.host === own.host ||
    (isLoopbackHostname(origin.hostname) && isLoopbackHostname(own.hostname))
  );
}

/** Whether the value of an `Origin` header is in a list. */
export function isListed(header: string, allowed: AllowedOrigins): boolean {
  if (allowed.includes("*")) return true;
  const origin = parse(header);
  return origin !== null && allowed.some((text) => isMatch(origin, entryOf(text)));
}

/** @throws TypeError if an entry is not an origin: it would match nothing, or too much. */
export function checkOrigins(allowed: AllowedOrigins = []): void {
  for (const text of allowed) if (text !== "*") entryOf(text);
}

/** A parsed entry. */
interface Entry {
  /** With its colon; undefined for any protocol. */
  readonly protocol: string | undefined;
  readonly isSubdomains: boolean;
  readonly hostname: string;
  /** `*` for any port; empty for the scheme's default. */
  readonly port: string;
}

function isMatch(origin: URL, { protocol, isSubdomains, hostname, port }: Entry): boolean {
  if (protocol !== undefined && protocol !== origin.protocol) return false;
  const isHost = isSubdomains
    ? origin.hostname.endsWith(`.${hostname}`)
    : origin.hostname === hostname;
  return (
    isHost &&
    (port === "*" || portOf(origin.protocol, port) === portOf(origin.protocol, origin.port))
  );
}

/** `URL` leaves out a scheme's default port, and an entry may have it. */
function portOf(protocol: string, port: string): string {
  return port || (protocol === "https:" ? "443" : protocol === "http:" ? "80" : "");
}

/** A cache, since each request looks its list up here. */
const entries = new Map<string, Entry>();

/** Far more than a Worker has, unless it creates entries from requests. */
const MAX_ENTRIES = 1_000;

function entryOf(text: string): Entry {
  const known = entries.get(text);
  if (known) return known;
  const entry = typeof text === "string" ? parseEntry(text) : null;
  if (!entry) {
    throw new TypeError(
      `${JSON.stringify(text)} is no origin. In \`allowedOrigins\` and \`cors.origins\` an entry ` +
        `is like "https://app.example.com", "app.example.com", "*.example.com", "localhost:*" or "*".`,
    );
  }
  if (entries.size >= MAX_ENTRIES) entries.clear();
  entries.set(text, entry);
  return entry;
}

/** [scheme://] [*.] host [:port] [/] */
const ENTRY = /^(?:([a-z][a-z\d+.-]*:)\/\/)?(\*\.)?([^\s/?#@*%\\]+?)(?::(\*|\d{1,5}))?\/?$/i;

function parseEntry(text: string): Entry | null {
  const [, protocol, subdomains, host = "", port = ""] = ENTRY.exec(text) ?? [];
  // A sandboxed page has the origin `null`, and anyone can serve one.
  if (host === "" || text === "null" || !URL.canParse(`http://${host}`)) return null;
  const { hostname } = new URL(`http://${host}`);
  return {
    protocol: protocol?.toLowerCase(),
    isSubdomains: subdomains !== undefined,
    hostname,
    port,
  };
}

/**
 * Null for `null`, which a sandboxed page sends, for an invalid URL, and for one without a host.
 */
function parse(origin: string): URL | null {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  return url?.host ? url : null;
}
