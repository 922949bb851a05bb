import { PartyError } from "@partyflare/shared";
import {
  decodeServerFrame,
  describeErrors,
  encodeServerFrame,
  ERROR_TEXTS,
  FRAMED_PROTOCOL,
  isOurProtocol,
  readOffer,
  type WireClose,
} from "@partyflare/shared/internal";
import { closeSocket } from "./connections/socket";
import { isFromWorker } from "./routing/room-name";

// All refusals of the library pass through this file.
describeErrors(ERROR_TEXTS);

/**
 * The header of a room's refusal. It holds the client's `$close` frame, escaped. The Worker removes
 * it.
 */
const MARK = "X-Partyflare-Refusal";

/**
 * Returns the Worker's answer to a refused request.
 *
 * Browsers cannot read the status of a refused upgrade. A client that offers one of our
 * subprotocols therefore gets a close code, on a socket that the Worker accepts only for this. All
 * others get HTTP.
 */
export function refuse(request: Request, error: PartyError): Response {
  const protocol = refusedByCode(request);
  return protocol ? refuseByCode(protocol, closeOf(error)) : plainRefusal(error);
}

/**
 * Returns a room's answer to a refused request: always HTTP. A socket would keep the room in memory
 * until its client answers the close.
 */
export function refuseInRoom(request: Request, error: PartyError): Response {
  const response = plainRefusal(error);
  if (isFromWorker(request) && refusedByCode(request)) {
    const frame = encodeServerFrame({ kind: "close", close: closeOf(error) });
    response.headers.set(MARK, encodeURIComponent(frame));
  }
  return response;
}

/** Passes on a room's answer. The client of a marked refusal gets a close code. */
export function passOn(request: Request, response: Response): Response {
  // No refusal: each look at headers makes an object of the platform.
  if (response.status === 101) return response;
  const mark = response.headers.get(MARK);
  if (mark === null) return response;
  const protocol = refusedByCode(request);
  const close = protocol && readMark(mark);
  if (protocol && close) {
    discard(response);
    return refuseByCode(protocol, close);
  }
  const unmarked = new Response(response.body, response);
  unmarked.headers.delete(MARK);
  return unmarked;
}

/** Returns our subprotocol that carries the refusal; undefined if the refusal is HTTP. */
export function refusedByCode(request: Request): string | undefined {
  if (!isUpgrade(request)) return undefined;
  const { answer } = readOffer(request.headers.get("Sec-WebSocket-Protocol"));
  return isOurProtocol(answer) ? answer : undefined;
}

/** Refuses a URL that is too long. RFC 9110 §15.5.15 has a status for it. */
export function refuseUrl(request: Request): Response {
  if (refusedByCode(request)) return refuse(request, new PartyError("too_large"));
  return new Response("The URL is too long.", { status: 414 });
}

/** Whether a request asks for a WebSocket. */
export function isUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** Returns the upgrade response, with the chosen subprotocol. */
export function switchProtocols(webSocket: WebSocket, protocol: string | undefined): Response {
  const headers = protocol === undefined ? undefined : { "Sec-WebSocket-Protocol": protocol };
  return new Response(null, { status: 101, webSocket, headers });
}

/**
 * Cancels a response that a socket replaces. Unread, it would keep its sender in memory for as long
 * as that socket is open.
 */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

function closeOf({ closeCode, code, retry, retryAfterMs }: PartyError): WireClose {
  return { code: closeCode, reason: code, retry, retryAfterMs };
}

function refuseByCode(protocol: string, close: WireClose): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  if (protocol === FRAMED_PROTOCOL) server.send(encodeServerFrame({ kind: "close", close }));
  closeSocket(server, close.code, close.reason);
  return switchProtocols(client, protocol);
}

function plainRefusal(error: PartyError): Response {
  const headers = new Headers();
  if (error.retryAfterMs !== undefined) {
    headers.set("Retry-After", String(Math.ceil(error.retryAfterMs / 1_000)));
  }
  return new Response(error.message, { status: error.status, headers });
}

/** Undefined for an invalid mark: an app may have a header of the same name. */
function readMark(mark: string): WireClose | undefined {
  try {
    const frame = decodeServerFrame(decodeURIComponent(mark));
    return frame?.kind === "close" ? frame.close : undefined;
  } catch {
    return undefined;
  }
}
