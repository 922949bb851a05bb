/**
 * Whether a host is this very machine: `localhost`, `*.localhost`, 127.0.0.0/8, [::1], and the
 * addresses `0.0.0.0` and `[::]`, which stand for it where a server listens on all interfaces.
 *
 * @param hostname as `URL.hostname` has it: lower case, IPv6 in brackets, numbers in full.
 */
export function isLoopbackHostname(hostname: string): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  if (LOOPBACK_ADDRESSES.has(hostname)) return true;
  return ipv4Bytes(hostname)?.[0] === 127;
}

const LOOPBACK_ADDRESSES: ReadonlySet<string> = new Set(["[::1]", "0.0.0.0", "[::]"]);

/**
 * Whether a host is this machine or in a private network, where there is seldom a certificate:
 * loopback, RFC 1918 (10/8, 172.16/12, 192.168/16), link-local (169.254/16, fe80::/10),
 * unique local IPv6 (fc00::/7), and the same written as IPv4-mapped IPv6.
 *
 * @param hostname as `URL.hostname` has it.
 */
export function isPrivateHostname(hostname: string): boolean {
  if (isLoopbackHostname(hostname)) return true;
  const bytes = ipv4Bytes(hostname) ?? mappedIpv4Bytes(hostname);
  if (bytes) return isPrivateIpv4(bytes);
  return /^\[(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/.test(hostname);
}

type Ipv4Bytes = readonly [number, number, number, number];

function isPrivateIpv4([a, b]: Ipv4Bytes): boolean {
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254)
  );
}

function ipv4Bytes(hostname: string): Ipv4Bytes | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(hostname)) return null;
  const [a = 256, b = 256, c = 256, d = 256] = hostname.split(".").map(Number);
  return Math.max(a, b, c, d) < 256 ? [a, b, c, d] : null;
}

/** `URL` writes `[::ffff:127.0.0.1]` as `[::ffff:7f00:1]`. */
function mappedIpv4Bytes(hostname: string): Ipv4Bytes | null {
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return null;
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [upper >> 8, upper & 255, lower >> 8, lower & 255];
}
