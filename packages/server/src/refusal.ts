import {
  encodeServerFrame,
  FRAMED_PROTOCOL,
  isOurProtocol,
  PartyError,
  readOffer,
} from "@partyflare/shared";
import { closeSocket } from "./connections/socket";

/**
 * The answer to a request that is refused.
 *
 * Browsers cannot read the status of a refused upgrade: to a client that offers one of our
 * subprotocols it is told by a close code, on a socket that is accepted for nothing else. All others get HTTP.
 */
export function refuse(request: Request, error: PartyError): Response {
  const answer = refusedByCode(request);
  if (!answer) return plainRefusal(error);
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  if (answer === FRAMED_PROTOCOL) {
    const { closeCode: code, code: reason, retry, retryAfterMs } = error;
    server.send(encodeServerFrame({ kind: "close", close: { code, reason, retry, retryAfterMs } }));
  }
  closeSocket(server, error.closeCode, error.code);
  return switchProtocols(client, answer);
}

/** The subprotocol of ours in which a refusal is told; undefined where it is told by HTTP. */
export function refusedByCode(request: Request): string | undefined {
  if (!isUpgrade(request)) return undefined;
  const { answer } = readOffer(request.headers.get("Sec-WebSocket-Protocol"));
  return isOurProtocol(answer) ? answer : undefined;
}

/** The refusal of a URL that is too long. RFC 9110 §15.5.15 has a status of its own for it. */
export function refuseUrl(request: Request): Response {
  if (refusedByCode(request)) return refuse(request, new PartyError("too_large"));
  return new Response("The URL is too long.", { status: 414 });
}

/** Whether a request asks for a WebSocket. */
export function isUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** The answer that makes a request a WebSocket, with the subprotocol that was chosen. */
export function switchProtocols(webSocket: WebSocket, protocol: string | undefined): Response {
  const headers = protocol === undefined ? undefined : { "Sec-WebSocket-Protocol": protocol };
  return new Response(null, { status: 101, webSocket, headers });
}

function plainRefusal(error: PartyError): Response {
  const headers = new Headers();
  if (error.retryAfterMs !== undefined) {
    headers.set("Retry-After", String(Math.ceil(error.retryAfterMs / 1_000)));
  }
  return new Response(error.message, { status: error.status, headers });
}
