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

// Every part of the library that refuses comes by here.
describeErrors(ERROR_TEXTS);

/**
 * Marks the refusal of a room for the Worker that asked, which takes the mark off: the `$close`
 * frame that its client is to get, escaped.
 */
const MARK = "X-Partyflare-Refusal";

/**
 * The Worker's answer to a request that is refused.
 *
 * Browsers cannot read the status of a refused upgrade. A client that offers one of our
 * subprotocols therefore gets a close code, on a socket that the Worker accepts for nothing else.
 * All others get HTTP.
 */
export function refuse(request: Request, error: PartyError): Response {
  const protocol = refusedByCode(request);
  return protocol ? refuseByCode(protocol, closeOf(error)) : plainRefusal(error);
}

/**
 * A room's answer to a request that is refused: always HTTP. A socket would keep the room in memory
 * for as long as its client does not answer the close.
 */
export function refuseInRoom(request: Request, error: PartyError): Response {
  const response = plainRefusal(error);
  if (isFromWorker(request) && refusedByCode(request)) {
    const frame = encodeServerFrame({ kind: "close", close: closeOf(error) });
    response.headers.set(MARK, encodeURIComponent(frame));
  }
  return response;
}

/** A room's answer as the Worker passes it on: a marked refusal tells its client a close code. */
export function passOn(request: Request, response: Response): Response {
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

/**
 * Ends a response that a socket takes the place of. Unread, it would keep its sender in memory for
 * as long as that socket is open.
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

/** Undefined for what is no mark: an app may have a header of the same name. */
function readMark(mark: string): WireClose | undefined {
  try {
    const frame = decodeServerFrame(decodeURIComponent(mark));
    return frame?.kind === "close" ? frame.close : undefined;
  } catch {
    return undefined;
  }
}
