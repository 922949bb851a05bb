import { utf8Binary } from "./utf8";

/** The subprotocol of a connection that uses frames. */
export const FRAMED_PROTOCOL = "partyflare.1";

/** The subprotocol of a raw connection with a key or a token. */
export const RAW_PROTOCOL = "partyflare.raw";

const OURS = "partyflare.";
const KEY = "partyflare.key.";
const TOKEN = "partyflare.token.";

/** A client's credentials. It sends them in its subprotocols, so that no URL or log holds them. */
export interface Credentials {
  /** Base64url of 16 random bytes. It proves that the connection's id belongs to this client. */
  key?: string;
  /** The app's own token, any text. */
  token?: string;
}

/** Returns the subprotocols that offer `protocol` and carry the credentials. */
export function offeredProtocols(
  protocol: typeof FRAMED_PROTOCOL | typeof RAW_PROTOCOL,
  { key, token }: Credentials,
): string[] {
  const offer: string[] = [protocol];
  if (key !== undefined) offer.push(KEY + key);
  if (token !== undefined) offer.push(TOKEN + base64UrlOf(utf8Binary(token)));
  return offer;
}

/** A client's subprotocols, parsed by the server. */
export interface Offer extends Credentials {
  /** The subprotocol of the answer; undefined if the client offered none that may be answered. */
  answer: string | undefined;
}

/**
 * Parses the `Sec-WebSocket-Protocol` header. Frames win over raw, and ours over others. A key or a
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

/** Whether the answered subprotocol is one of ours. A refusal then uses a close code. */
export function isOurProtocol(answer: string | undefined): boolean {
  return answer === FRAMED_PROTOCOL || answer === RAW_PROTOCOL;
}

/** Returns a new key: 16 random bytes (128 bits) as base64url. */
export function randomKey(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(16)));
}

/** Returns base64url without padding (RFC 4648 §5). A subprotocol may hold its characters. */
export function base64Url(bytes: Uint8Array): string {
  return base64UrlOf(String.fromCharCode(...bytes));
}

/** Each character of `binary` is one byte. */
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
