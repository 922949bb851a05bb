import { connect, type Socket } from "node:net";
import { CONNECT_TEXT, type Packet, PONG_TEXT } from "./engine-io.ts";
import { closeFrame, FrameCounter, textFrame } from "./frames.ts";
import { type Counted, payloadsOf } from "./payloads.ts";
import type { Positions } from "./positions.ts";
import type { Tally } from "./tally.ts";

/** Where a connection goes, and what it asks for. */
export interface Address {
  /** Of 127.0.0.1. */
  readonly port: number;
  readonly path: string;
  /** The subprotocols it offers; empty for none. */
  readonly protocols: string;
  /** What counts as received. Where it is `events`, Engine.IO is spoken, and else nothing but WebSocket. */
  readonly counted: Counted;
}

/** One buffer for all connections: what is in it is counted before the next read. */
const BUFFER = Buffer.allocUnsafe(256 * 1_024);

/** Any will do: what is answered to it is not looked at. */
const KEY = "cGFydHlmbGFyZS1iZW5jaA==";

const GRANTED = "HTTP/1.1 101";
const END_OF_HEAD = "\r\n\r\n";

/** A WebSocket by hand, that counts what it receives and keeps none of it. */
export class LoadConnection {
  /** Reads the positions that come, if it is there. */
  positions: Positions | undefined;
  readonly #socket: Socket;
  readonly #address: Address;
  readonly #counter: FrameCounter;
  readonly #tally: Tally;
  readonly #connected = Promise.withResolvers<void>();
  readonly #granted = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /** Of the answer to the handshake, until it is complete. */
  #head: string | undefined = "";
  #isClosing = false;

  private constructor(address: Address, tally: Tally) {
    this.#address = address;
    this.#counter = new FrameCounter(payloadsOf(address.counted, (packet) => this.#hear(packet)));
    this.#tally = tally;
    this.#socket = connect({
      port: address.port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: BUFFER,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
    this.#socket.once("connect", () => this.#connected.resolve());
    this.#socket.once("error", (error) => this.#end(error));
    this.#socket.once("close", () => this.#end(new Error("A connection was lost.")));
    // Where nobody waits for it any more, or not yet.
    this.#granted.promise.catch(() => {});
  }

  /** Connects by TCP, and asks for nothing yet. */
  static async connect(address: Address, tally: Tally): Promise<LoadConnection> {
    const connection = new LoadConnection(address, tally);
    await connection.#connected.promise;
    return connection;
  }

  /**
   * Asks for the WebSocket, and where Engine.IO is spoken, for the default namespace within it.
   *
   * @throws Error where it is not granted.
   */
  upgrade(): Promise<void> {
    this.#socket.write(requestOf(this.#address));
    return this.#granted.promise;
  }

  /**
   * Sends bytes that are frames already.
   *
   * @returns whether the system has taken them all. The rest waits until this process is free.
   */
  send(frames: Buffer): boolean {
    this.#socket.write(frames);
    return this.#socket.writableLength === 0;
  }

  /** Says goodbye, and waits until that is answered and the connection has ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#socket.write(closeFrame());
    await this.#ended.promise;
  }

  #read(length: number): void {
    const start = this.#head === undefined ? 0 : this.#readHead(length);
    this.#tally.receivedBytes += length - start;
    const messages = this.#counter.take(BUFFER, start, length);
    this.positions?.take(BUFFER.subarray(start, length));
    if (messages > 0) this.#tally.add(messages);
    if (this.#counter.isClosing) this.#socket.end();
  }

  /** @returns where in the buffer frames begin. */
  #readHead(length: number): number {
    const before = this.#head?.length ?? 0;
    const head = this.#head + BUFFER.toString("latin1", 0, length);
    const end = head.indexOf(END_OF_HEAD);
    this.#head = end < 0 ? head : undefined;
    if (end < 0) return length;
    if (!head.startsWith(GRANTED)) this.#end(new Error(`Not granted: ${head.slice(0, end)}`));
    else if (this.#address.counted !== "events") this.#granted.resolve();
    return end + END_OF_HEAD.length - before;
  }

  #hear(packet: Packet): void {
    switch (packet) {
      case "open":
        return void this.#socket.write(textFrame(CONNECT_TEXT));
      case "ping":
        return void this.#socket.write(textFrame(PONG_TEXT));
      case "connected":
        return this.#granted.resolve();
      case "refused":
        return this.#end(new Error("Socket.IO lets nobody in."));
      case "event":
      case "other":
        return;
      default:
        packet satisfies never;
    }
  }

  #end(error: Error): void {
    if (!this.#isClosing) this.#tally.lost(error);
    this.#connected.reject(error);
    this.#granted.reject(error);
    this.#ended.resolve();
  }
}

function requestOf({ path, port, protocols }: Address): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${KEY}`,
    ...(protocols === "" ? [] : [`Sec-WebSocket-Protocol: ${protocols}`]),
    "\r\n",
  ].join("\r\n");
}
