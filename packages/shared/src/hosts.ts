/**
 * Whether a hostname is this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or [::1]. `0.0.0.0`
 * and `[::]` count too: a server uses them to listen on all interfaces.
 *
 * @param hostname as in `URL.hostname`: lower case, IPv6 in brackets, IPv4 in full.
 */
export function isLoopbackHostname(hostname: string): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  if (LOOPBACK_ADDRESSES.has(hostname)) return true;
  return ipv4Bytes(hostname)?.[0] === 127;
}

const LOOPBACK_ADDRESSES: ReadonlySet<string> = new Set(["[::1]", "0.0.0.0", "[::]"]);

/**
 * Whether a hostname is this machine or in a private network. Hosts there seldom have a
 * certificate. Private are:
 *
 * - loopback, and names without a dot: `localhost`, `my-laptop`;
 * - names that end with `.localhost`, `.local`, `.test` or `.internal`;
 * - RFC 1918 (10/8, 172.16/12, 192.168/16), RFC 6598 (100.64/10), link-local (169.254/16,
 *   fe80::/10), and unique local IPv6 (fc00::/7);
 * - the same as IPv4-mapped IPv6.
 *
 * @param hostname as in `URL.hostname`.
 */
export function isPrivateHostname(hostname: string): boolean {
  return PRIVATE_HOSTNAME.test(hostname);
}

// `URL` parses every host that ends with a number as IPv4. It writes IPv6 in brackets, in
// hexadecimal, without leading zeros: `[::ffff:127.0.0.1]` becomes `[::ffff:7f00:1]`.
const PRIVATE_HOSTNAME =
  /^[^.:]+$|\.(?:local(?:host)?|test|internal)$|^(?:0\.0\.0(?=\.0$)|127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(?:\.\d+)+$|^\[(?:::1?\]|::ffff:(?:0:0\]|(?:7f..|a..|c0a8|a9fe|ac1.|64[4-7].):)|f[cd]..:|fe[89ab].:)/;

function ipv4Bytes(hostname: string): readonly number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(hostname)) return null;
  const bytes = hostname.split(".").map(Number);
  return Math.max(...bytes) < 256 ? bytes : null;
}
