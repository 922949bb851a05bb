import {
  askedParameter,
  FRAMED_PROTOCOL,
  PING,
  PONG,
  readOffer,
} from "@partyflare/shared/internal";
import { platform } from "./platform";
import type { Port } from "./port";

/** The server's side of a connection. */
interface VisitSocket {
  send(message: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** Ends it without a Close frame. */
  terminate(): void;
  /** From here on its network takes nothing in. */
  pause(): void;
}

/** One connection, as the server sees it. */
export interface Visit {
  path: string;
  query: URLSearchParams;
  key: string | undefined;
  token: string | undefined;
  /** Everything offered, in order. */
  protocols: string[];
  socket: VisitSocket;
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
  /** What it says with its hello, to those who ask for it. */
  hello: HelloParts = {};
  /** Whether it gives the signs of life that it is asked for. */
  answersPings = true;
  readonly #visits = new Map<number, Visit>();
  #port: Port | undefined;

  private constructor() {}

  /** A server on a free port of this machine. */
  static async start(): Promise<RoomServer> {
    const server = new RoomServer();
    const open =
      platform === "workerd"
        ? (await import("./remote-port")).openRemotePort
        : (await import("./port")).openPort;
    server.#port = await open({
      onUpgrade: (client, url, offered) => server.#answer(client, url, offered),
      onMessage: (client, text) => server.#receive(server.#visits.get(client)!, text),
      onClose: (client, code) => (server.#visits.get(client)!.closeCode = code),
    });
    return server;
  }

  /** With its port. */
  get host(): string {
    return this.#port!.host;
  }

  /** Its open connections. */
  get open(): Visit[] {
    return this.visits.filter(({ closeCode }) => closeCode === undefined);
  }

  async stop(): Promise<void> {
    await this.#port!.stop();
  }

  #answer(client: number, path: string, offered: string): void {
    const port = this.#port!;
    if (this.mode !== "accept") {
      this.turnedAway += 1;
      if (this.mode === "cut") port.do("cut", client);
      return;
    }
    const url = new URL(path, "http://localhost");
    const { key, token, answer } = readOffer(offered);
    const visit: Visit = {
      path: url.pathname,
      query: url.searchParams,
      key,
      token,
      protocols: offered.split(",").map((protocol) => protocol.trim()),
      socket: {
        send: (message) =>
          port.do("send", client, typeof message === "string" ? message : [...message]),
        close: (...how) => port.do("close", client, ...how),
        terminate: () => port.do("terminate", client),
        pause: () => port.do("pause", client),
      },
      received: [],
      pings: 0,
      closeCode: undefined,
    };
    this.#visits.set(client, visit);
    this.visits.push(visit);
    port.do("accept", client);
    if (this.saysHello && answer === FRAMED_PROTOCOL) sayHello(visit, this.hello);
  }

  #receive(visit: Visit, text: string): void {
    if (text !== PING) return void visit.received.push(text);
    if (this.answersPings) visit.socket.send(PONG);
    visit.pings += 1;
  }
}

/** Sends frames in one message, as a room that batches does. */
export function send({ socket }: Visit, ...frames: unknown[][]): void {
  socket.send(frames.map((frame) => JSON.stringify(frame)).join("\n"));
}

/** The parts of a hello, by their capabilities. */
export type HelloParts = Readonly<Record<string, unknown>>;

/** A room's first frame, with those parts that the client has asked for. */
export function sayHello(visit: Visit, parts: HelloParts = {}): void {
  const asked = Object.entries(parts).filter(([name]) => visit.query.has(askedParameter(name)));
  const id = visit.query.get("_pk");
  const named = { id, room: "lobby", client: `id:${id}` };
  send(visit, ["$hello", { ...named, ...Object.fromEntries(asked) }]);
}

/** Every frame that a client has sent, also of those that left together. */
export function framesOf({ received }: Visit): unknown[] {
  return received.flatMap((text) => text.split("\n")).map((text): unknown => JSON.parse(text));
}
