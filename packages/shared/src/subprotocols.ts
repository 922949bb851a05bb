import { utf8Binary } from "./utf8";

/** The subprotocol of a connection that speaks frames. */
export const FRAMED_PROTOCOL = "partyflare.1";

/** The subprotocol of a raw connection that has a key or a token to carry. */
export const RAW_PROTOCOL = "partyflare.raw";

const OURS = "partyflare.";
const KEY = "partyflare.key.";
const TOKEN = "partyflare.token.";

/** What a client carries in its offer of subprotocols, out of sight of URLs and their logs. */
export interface Credentials {
  /** Base64url of 16 random bytes: proves that the connection's id is this client's. */
  key?: string;
  /** The app's own token, any text. */
  token?: string;
}

/** The subprotocols by which a client offers `protocol` and carries its credentials. */
export function offeredProtocols(
  protocol: typeof FRAMED_PROTOCOL | typeof RAW_PROTOCOL,
  { key, token }: Credentials,
): string[] {
  const offer: string[] = [protocol];
  if (key !== undefined) offer.push(KEY + key);
  if (token !== undefined) offer.push(TOKEN + base64UrlOf(utf8Binary(token)));
  return offer;
}

/** A client's offer of subprotocols, read by the server. */
export interface Offer extends Credentials {
  /** The one subprotocol to answer with; undefined where none was offered that may be answered. */
  answer: string | undefined;
}

/**
 * Reads the `Sec-WebSocket-Protocol` header. Frames win over raw, ours over others; a key or a
 * token is never the answer. A token that is not base64url of UTF-8 counts as absent.
 */
export function readOffer(header: string | null): Offer {
  const offered = (header ?? "").split(",").map((protocol) => protocol.trim());
  const after = (prefix: string) =>
    offered.find((protocol) => protocol.startsWith(prefix))?.slice(prefix.length);
  const answer =
    [FRAMED_PROTOCOL, RAW_PROTOCOL].find((protocol) => offered.includes(protocol)) ??
    offered.find((protocol) => protocol !== "" && !protocol.startsWith(OURS));
  const token = after(TOKEN);
  return {
    answer,
    key: after(KEY) || undefined,
    token: token === undefined ? undefined : fromBase64Url(token),
  };
}

/** Whether an answered subprotocol is one of ours: then a refusal is told by a close code. */
export function isOurProtocol(answer: string | undefined): boolean {
  return answer === FRAMED_PROTOCOL || answer === RAW_PROTOCOL;
}

/** A new key: 16 random bytes (128 bits) as base64url. */
export function randomKey(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(16)));
}

/** Base64url without padding (RFC 4648 §5), whose characters a subprotocol may hold. */
export function base64Url(bytes: Uint8Array): string {
  return base64UrlOf(String.fromCharCode(...bytes));
}

/** Of characters that are bytes. */
function base64UrlOf(binary: string): string {
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(encoded: string): string | undefined {
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
