import { isLoopbackHostname } from "@partyflare/shared";

/**
 * Which foreign pages may connect: hosts (`app.example.com`), origins (`https://app.example.com`),
 * all subdomains of a host (`*.example.com`), or everyone (`*`).
 */
export type AllowedOrigins = readonly string[];

/**
 * Whether the page that sent a request may: one of the same host, one of an allowed host, or one
 * on this machine to a Worker on this machine. A browser always says its origin; what has none is
 * no browser, and passes. Hosts are compared, with their ports, and schemes are not.
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

/** Whether an `Origin` header's value is in a list. */
export function isListed(header: string, allowed: AllowedOrigins): boolean {
  if (allowed.includes("*")) return true;
  const origin = parse(header);
  if (!origin) return false;
  return allowed.some((entry) =>
    entry.startsWith("*.")
      ? origin.host.endsWith(entry.slice(1).toLowerCase())
      : origin.host === parse(entry.includes("://") ? entry : `${origin.protocol}//${entry}`)?.host,
  );
}

/** Null for `null`, which a sandboxed page sends, and for what is no URL. */
function parse(origin: string): URL | null {
  return URL.canParse(origin) ? new URL(origin) : null;
}
