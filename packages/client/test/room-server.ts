import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { FRAMED_PROTOCOL, PING, PONG, readOffer } from "@partyflare/shared";
import { WebSocketServer, type WebSocket as ServerSocket } from "ws";

/** One connection, as the server sees it. */
export interface Visit {
  path: string;
  query: URLSearchParams;
  key: string | undefined;
  token: string | undefined;
  /** Everything offered, in order. */
  protocols: string[];
  socket: ServerSocket;
  /** What the client has sent, as text, but for its signs of life. */
  received: string[];
  /** How many signs of life it has been asked for. */
  pings: number;
  /** The code of its close; undefined while it is open. */
  closeCode: number | undefined;
}

/** A stand-in for a Worker: takes every socket, and answers as docs/protocol.md says. */
export class RoomServer {
  readonly visits: Visit[] = [];
  /** Sockets that were asked for but not let in, while `mode` was not `accept`. */
  turnedAway = 0;
  /** What happens to those who ask for a socket: let in, cut off, or left without an answer. */
  mode: "accept" | "cut" | "ignore" = "accept";
  /** Whether connections that speak frames are greeted as they come. */
  saysHello = true;
  /** What it says with its hello. */
  hello: object = {};
  /** Whether it gives the signs of life that it is asked for. */
  answersPings = true;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #ignored: Duplex[] = [];

  private constructor() {
    this.#http = createServer((request, response) => {
      response.end(`${request.method} ${request.url}`);
    });
    this.#sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => readOffer([...offered].join(",")).answer ?? false,
    });
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** A server on a free port of this machine. */
  static async start(): Promise<RoomServer> {
    const server = new RoomServer();
    await new Promise<void>((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** With its port. */
  get host(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Its open connections. */
  get open(): Visit[] {
    return this.visits.filter(({ closeCode }) => closeCode === undefined);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const socket of this.#ignored) socket.destroy();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.mode !== "accept") {
      this.turnedAway += 1;
      if (this.mode === "cut") socket.destroy();
      else this.#ignored.push(socket);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (connection) => {
      const url = new URL(request.url ?? "", "http://localhost");
      const header = request.headers["sec-websocket-protocol"] ?? "";
      const { key, token } = readOffer(header);
      const visit: Visit = {
        path: url.pathname,
        query: url.searchParams,
        key,
        token,
        protocols: header.split(",").map((protocol) => protocol.trim()),
        socket: connection,
        received: [],
        pings: 0,
        closeCode: undefined,
      };
      connection.on("message", (data: Buffer) => {
        const text = data.toString();
        if (text !== PING) return visit.received.push(text);
        if (this.answersPings) connection.send(PONG);
        return (visit.pings += 1);
      });
      connection.on("close", (code) => (visit.closeCode = code));
      this.visits.push(visit);
      if (this.saysHello && connection.protocol === FRAMED_PROTOCOL) sayHello(visit, this.hello);
    });
  }
}

/** Sends frames in one message, as a room that batches does. */
export function send({ socket }: Visit, ...frames: unknown[][]): void {
  socket.send(frames.map((frame) => JSON.stringify(frame)).join("\n"));
}

/** A room's first frame. */
export function sayHello(visit: Visit, more: object = {}): void {
  send(visit, ["$hello", { id: visit.query.get("_pk"), room: "lobby", ...more }]);
}

/** Every frame that a client has sent, also of those that left together. */
export function framesOf({ received }: Visit): unknown[] {
  return received.flatMap((text) => text.split("\n")).map((text): unknown => JSON.parse(text));
}
