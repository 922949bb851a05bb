import type { SendableMessage } from "@partyflare/shared";
import { MAX_CLOSE_REASON_BYTES } from "@partyflare/shared/internal";

/** RFC 6455 §7.4.1: reported locally when a Close frame had no code; it is never sent. */
const NO_CODE = 1005;

/** RFC 6455 §7.4.1: reported locally when there was no Close frame; it is never sent. */
export const NO_CLOSE_FRAME = 1006;

/** RFC 6455 §7.4.1: this endpoint is going away. */
export const GOING_AWAY = 1001;

/** RFC 6455 §7.4.1: the server met something that it could not handle. */
export const INTERNAL_ERROR = 1011;

/** IANA: the service restarts, and the client should reconnect. */
export const SERVICE_RESTART = 1012;

/**
 * What of a code and a reason may be sent: a reason is cut to 123 bytes, 1005 has none, and a
 * number that is no code, or reserved for local use, becomes 1011.
 */
export function sendableClose(code: number, reason: string): { code: number; reason: string } {
  if (code === NO_CODE) return { code, reason: "" };
  return { code: isSendable(code) ? code : INTERNAL_ERROR, reason: cutReason(reason) };
}

/** The one place that closes a socket. Never throws. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  const sent = sendableClose(code, reason);
  try {
    if (sent.code === NO_CODE) socket.close();
    else socket.close(sent.code, sent.reason);
  } catch {
    // The peer is gone: there is nobody left to tell.
  }
}

/** The one place that sends. What a closed or vanished peer no longer takes is dropped. */
export function sendToSocket(socket: WebSocket, message: string | ArrayBuffer | ArrayBufferView) {
  try {
    socket.send(message);
  } catch (error) {
    if (socket.readyState === WebSocket.OPEN) throw error;
  }
}

/** The app may use its bytes again, before they are sent. */
export function copyOf(message: SendableMessage): SendableMessage {
  if (typeof message === "string") return message;
  if (!ArrayBuffer.isView(message)) return message.slice(0);
  const { buffer, byteOffset, byteLength } = message;
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** What was sent and has not left the machine; 0 where the runtime does not tell. */
export function bufferedBytes(socket: WebSocket & { readonly bufferedAmount?: number }): number {
  return socket.bufferedAmount ?? 0;
}

/** RFC 6455 §7.4: 1000–4999, without what is reserved for local use. */
function isSendable(code: number): boolean {
  return Number.isInteger(code) && code >= 1000 && code < 5000 && !RESERVED.has(code);
}

const RESERVED = new Set([1004, NO_CODE, NO_CLOSE_FRAME, 1015]);

function cutReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= MAX_CLOSE_REASON_BYTES) return reason;
  // `stream` leaves out a character that the cut has halved.
  const cut = bytes.subarray(0, MAX_CLOSE_REASON_BYTES);
  return new TextDecoder().decode(cut, { stream: true });
}
