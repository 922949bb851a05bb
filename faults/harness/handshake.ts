import { once } from "node:events";
import { request } from "node:http";
import type { Socket } from "node:net";
import { undoAtExit } from "@partyflare/harness/clean-up";

/** How a request for a WebSocket was answered. */
export interface Handshake {
  /** 101 where it was granted. */
  status: number;
  /** The connection, where it was granted: unread bytes of TCP. */
  socket?: Socket;
  /** What was in the first packet after the answer. */
  head?: Buffer;
}

/** Asks for a WebSocket by hand: with headers that no browser would let a page choose. */
export async function handshake(
  url: string,
  headers: Record<string, string> = {},
): Promise<Handshake> {
  const asking = request(url, {
    agent: false,
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString(
        "base64",
      ),
      ...headers,
    },
  });
  asking.end();
  const answered = Promise.race([once(asking, "upgrade"), once(asking, "response")]);
  const [response, socket, head] = (await answered) as [
    { statusCode: number; destroy(): void },
    Socket?,
    Buffer?,
  ];
  if (!socket) {
    response.destroy();
    return { status: response.statusCode };
  }
  socket.on("error", () => {});
  const destroy = undoAtExit(() => socket.destroy());
  socket.on("close", destroy);
  return { status: response.statusCode, socket, head };
}
