import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { readOffer } from "@partyflare/shared/internal";
import { WebSocketServer, type WebSocket as ServerSocket } from "ws";

/** Everything that happens at a port. A client has a number. */
export interface PortEvents {
  /** A client asks for a socket, and waits for an answer. */
  onUpgrade(client: number, url: string, offered: string): void;
  onMessage(client: number, text: string): void;
  onClose(client: number, code: number): void;
}

/** What can be done with a client, as JSON. Bytes are numbers. */
export type PortCommand =
  | ["accept" | "cut" | "terminate" | "pause", client: number]
  | ["send", client: number, message: string | number[]]
  | ["close", client: number, code?: number, reason?: string];

/** A port of this machine, where clients ask for sockets. */
export interface Port {
  /** With its port. */
  readonly host: string;
  do(...command: PortCommand): void;
  stop(): Promise<void>;
}

/** Opens a free port. It answers plain requests with their method and URL. */
export async function openPort(events: PortEvents): Promise<Port> {
  const server = new NodePort(events);
  await server.listen();
  return server;
}

class NodePort implements Port {
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => readOffer([...offered].join(",")).answer ?? false,
  });
  /** Answers the client with a socket, until it has been answered. */
  readonly #asking: { socket: Duplex; accept: () => void }[] = [];
  readonly #accepted: ServerSocket[] = [];

  constructor(events: PortEvents) {
    this.#http = createServer((request, response) => {
      response.end(`${request.method} ${request.url}`);
    });
    this.#http.on("upgrade", (request, socket: Duplex, head: Buffer) => {
      const client = this.#asking.length;
      const accept = () =>
        this.#sockets.handleUpgrade(request, socket, head, (connection) => {
          this.#accepted[client] = connection;
          connection.on("message", (data: Buffer) => events.onMessage(client, data.toString()));
          connection.on("close", (code) => events.onClose(client, code));
        });
      socket.on("error", () => {});
      this.#asking.push({ socket, accept });
      events.onUpgrade(client, request.url ?? "", request.headers["sec-websocket-protocol"] ?? "");
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
  }

  get host(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  do(...command: PortCommand): void {
    const [what, client] = command;
    const { socket, accept } = this.#asking[client]!;
    if (what === "accept") return accept();
    if (what === "cut") return void socket.destroy();
    const accepted = this.#accepted[client];
    if (what === "send") {
      const [, , message] = command;
      accepted?.send(typeof message === "string" ? message : Uint8Array.from(message));
    } else if (what === "close") {
      const [, , code, reason] = command;
      accepted?.close(code, reason);
    } else accepted?.[what]();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const { socket } of this.#asking) socket.destroy();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
