import { randomUUID } from "node:crypto";
import { defineContract, type } from "@partyflare/shared";
import { expect } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import type { ConnectOptions } from "../src/connection/options";
import type { SocketWiring } from "../src/connection/wiring";
import { Room } from "../src/room/room";
import type { RoomStatus } from "../src/connection/status";
import { eventually } from "./eventually";
import { platform } from "./platform";
import { RoomServer, type Visit } from "./room-server";

export const chat = defineContract({
  fromClient: { say: type<{ text: string }>(), wave: type<void>() },
  fromServer: { said: type<{ text: string }>(), waved: type<void>() },
  calls: {
    rename: {
      input: type<{ name: string }>(),
      output: type<{ name: string }>(),
      errors: { name_taken: type<{ suggestion: string }>() },
    },
    count: { input: type<void>(), output: type<number>() },
  },
});

/** Waits that no test sees the end of. */
export const FOR_EVER = { backoff: { initialMs: 1e9, maxMs: 1e9 } };

/** The platform's class, and on Node that of the package `ws` too, which Node 20 needs. */
export const webSocketClasses = [
  { name: "the global WebSocket", WebSocket: undefined },
  ...(platform === "node" ? [{ name: "the WebSocket of ws", WebSocket: NodeWebSocket }] : []),
];

/** A server and the rooms that a test has entered there, which are left at its end. */
export class Rooms {
  readonly server: RoomServer;
  readonly #rooms: Room<typeof chat>[] = [];

  private constructor(server: RoomServer) {
    this.server = server;
  }

  static async start(): Promise<Rooms> {
    return new Rooms(await RoomServer.start());
  }

  async stop(): Promise<void> {
    for (const room of this.#rooms) room.close();
    await this.server.stop();
  }

  /** A room, and every status it has told of. */
  enter(options: Partial<ConnectOptions> = {}, wiring: SocketWiring = {}) {
    const room = new Room<typeof chat>(
      {
        host: this.server.host,
        party: "chat",
        room: randomUUID(),
        backoff: { initialMs: 2, maxMs: 20 },
        ...options,
      },
      { random: () => 0.5, ...wiring },
    );
    this.#rooms.push(room);
    const statuses: RoomStatus[] = [];
    room.onStatus((status) => statuses.push(status));
    return { room, statuses };
  }

  /** The server's side of a connection, once it is there. 1 is the first. */
  async visit(number = 1): Promise<Visit> {
    await eventually(() => expect(this.server.visits.length).toBeGreaterThanOrEqual(number));
    return this.server.visits[number - 1]!;
  }

  /** A room that is open, and the server's side of its connection. */
  async open(options: Partial<ConnectOptions> = {}, wiring: SocketWiring = {}) {
    const entered = this.enter(options, wiring);
    await isOpen(entered.room);
    return { ...entered, visit: this.server.visits.at(-1)! };
  }
}

export function isOpen(room: Room<typeof chat>): Promise<void> {
  return eventually(() => expect(room.status.state).toBe("open"));
}

/** What a promise is rejected with. Listened to at once, so that no rejection goes unheard. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`There was no failure, but ${JSON.stringify(value)}.`);
    },
    (error: unknown) => error,
  );
}
