import type { DialTarget } from "../../connection/attempt";
import type { ProtocolsProvider, UrlProvider } from "./options";

/**
 * Returns the URL and exactly these subprotocols. A partyserver room answers no subprotocol, and a
 * browser refuses a connection whose offer has no answer.
 */
export async function targetOf(
  url: UrlProvider,
  protocols: ProtocolsProvider | undefined,
): Promise<DialTarget> {
  const [href, offered] = await Promise.all([
    typeof url === "function" ? url() : url,
    typeof protocols === "function" ? protocols() : protocols,
  ]);
  if (typeof href !== "string") {
    throw new TypeError("The URL must be a string, or a function that returns one.");
  }
  if (offered === null || offered === undefined) return [href, undefined];
  const offer = [offered].flat();
  if (offer.some((protocol) => typeof protocol !== "string")) {
    throw new TypeError("The protocols must be strings, or a function that returns some.");
  }
  return [href, offer];
}

/**
 * Returns a new socket of the app's class, or of the platform's.
 *
 * @throws TypeError if there is neither.
 */
export function newSocket(
  given: typeof WebSocket | undefined,
  url: string,
  protocols: string[] | undefined,
): WebSocket {
  const SocketClass = given ?? globalThis.WebSocket;
  if (!SocketClass) {
    const text = "There is no `WebSocket` here: pass the class of `ws` as the option `WebSocket`.";
    // oxlint-disable-next-line no-console -- a mistake that no retry mends
    console.error(text);
    throw new TypeError(text);
  }
  return protocols ? new SocketClass(url, protocols) : new SocketClass(url);
}
