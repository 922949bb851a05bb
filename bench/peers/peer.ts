/** What people run on Node in place of rooms on Durable Objects. */
export type Peer = "ws" | "socket.io" | "socket.io-recovering";

/** What a peer's process tells when it listens. */
export interface PeerReady {
  /** Of 127.0.0.1. */
  readonly port: number;
}

/** The path of a connection to a room of a peer. */
export function peerPath(peer: Peer, room: string): string {
  return peer === "ws" ? `/?room=${room}` : `/socket.io/?EIO=4&transport=websocket&room=${room}`;
}
