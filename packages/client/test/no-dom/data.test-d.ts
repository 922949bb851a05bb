/** What a project without the DOM library sees. Checked by `tsc`, as packed: nothing is `any`. */
import type { PartySocket, ReceivedMessage, SendableMessage } from "@partyflare/client";

export function read(socket: PartySocket): void {
  socket.addEventListener("message", ({ data, origin }) => {
    data satisfies string | ArrayBuffer;
    origin satisfies string;
    // @ts-expect-error -- it is text or bytes
    data satisfies number;
    // @ts-expect-error -- it is a text
    origin satisfies number;
  });
  // @ts-expect-error -- it is text or bytes
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- its type is its own
  socket.onmessage = ({ data }) => data satisfies number;
  // @ts-expect-error -- it is a number
  socket.addEventListener("close", ({ code }) => code satisfies string);
  // @ts-expect-error -- it is text or bytes
  socket.addEventListener("drop", ({ message }) => message satisfies number);
}

// @ts-expect-error -- it is text or bytes
export const received: ReceivedMessage = 1;
// @ts-expect-error -- it is text or bytes
export const sendable: SendableMessage = 1;
// @ts-expect-error -- it is sent as text or bytes
export const send = (socket: PartySocket) => socket.send(1);
