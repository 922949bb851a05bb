import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LOOPBACK } from "@partyflare/harness/free-port";
import { FAIR, Pipe } from "./pipe.ts";
import type { Direction, Fault, Schedule } from "./schedule.ts";

const DIRECTIONS = ["up", "down"] as const;

/** One client's connection and its other half, the one to the room. */
interface Pair {
  readonly client: Socket;
  readonly room: Socket;
  readonly pipes: readonly Pipe[];
}

/**
 * A network between a client and workerd, in which anything can go wrong: a TCP proxy that knows
 * nothing of what it carries. Each link has a port of its own, so that clients can have networks
 * of their own.
 */
export class Link {
  readonly #server: Server;
  readonly #roomPort: number;
  readonly #weather = { up: { ...FAIR }, down: { ...FAIR } };
  readonly #pairs = new Set<Pair>();
  /** Halves of connections that the room is not to know have ended. */
  readonly #abandoned = new Set<Socket>();
  #isRefusing = false;
  /** When each connection was asked for, on the monotonic clock. */
  readonly acceptedAtMs: number[] = [];

  private constructor(roomPort: number) {
    this.#roomPort = roomPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** @param roomPort where workerd listens. */
  static async open(roomPort: number): Promise<Link> {
    const link = new Link(roomPort);
    // A storm of clients comes faster than the default of 511 is worked off.
    link.#server.listen({ port: 0, host: LOOPBACK, backlog: 4_096 });
    await once(link.#server, "listening");
    return link;
  }

  /** Where it listens, as a client's option `host`. */
  get host(): string {
    return `${LOOPBACK}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets a schedule happen, to its end, and then the sun shine. */
  async suffer(schedule: Schedule): Promise<void> {
    for (const { afterMs, fault } of schedule) {
      await sleep(afterMs);
      await this.#happen(fault);
    }
    this.heal();
  }

  /** Ends whatever lasts. Connections that have lost bytes are reset: TCP knows no gaps. */
  heal(): void {
    this.#isRefusing = false;
    for (const direction of DIRECTIONS) Object.assign(this.#weather[direction], FAIR);
    this.#resetSpoilt();
  }

  /** Swallows everything from now on, until `heal`. */
  swallow(directions: readonly Direction[]): void {
    for (const direction of directions) this.#weather[direction].isSwallowing = true;
  }

  /** Resets all that there is, and whoever connects from now on, until `heal`. */
  goDown(): void {
    this.#isRefusing = true;
    for (const pair of this.#pairs) this.#reset(pair);
  }

  /** Resets what is left, and listens no more. */
  async close(): Promise<void> {
    this.#server.close();
    for (const pair of this.#pairs) this.#reset(pair);
    for (const socket of this.#abandoned) socket.resetAndDestroy();
    await once(this.#server, "close");
  }

  async #happen(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case "delay":
        this.#weather[fault.direction].delayMs = fault.ms;
        await sleep(fault.forMs);
        this.#weather[fault.direction].delayMs = 0;
        return;
      case "slice":
        this.#weather[fault.direction].bytesToSlice = fault.bytes;
        return;
      case "cut":
        for (const { client, room } of this.#pairs) {
          client.end();
          room.end();
        }
        return;
      case "reset":
        for (const pair of this.#pairs) this.#reset(pair);
        return;
      case "abandon":
        for (const pair of this.#pairs) this.#abandon(pair);
        return;
      case "halfOpen":
        return this.#swallowFor([fault.direction], fault.forMs);
      case "blackhole":
        return this.#swallowFor(DIRECTIONS, fault.forMs);
      case "truncate":
        this.#weather[fault.direction].bytesToPass = fault.afterBytes;
        return;
      case "refuse":
        this.#isRefusing = true;
        await sleep(fault.forMs);
        this.#isRefusing = false;
        return;
      default:
        fault satisfies never;
    }
  }

  async #swallowFor(directions: readonly Direction[], forMs: number): Promise<void> {
    this.swallow(directions);
    await sleep(forMs);
    for (const direction of directions) this.#weather[direction].isSwallowing = false;
    this.#resetSpoilt();
  }

  #resetSpoilt(): void {
    for (const pair of this.#pairs) if (isSpoilt(pair)) this.#reset(pair);
  }

  #accept(client: Socket): void {
    this.acceptedAtMs.push(performance.now());
    client.on("error", ignore);
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const room = connect({ port: this.#roomPort, host: LOOPBACK, allowHalfOpen: true });
    room.on("error", ignore);
    const truncated = () => {
      for (const direction of DIRECTIONS) this.#weather[direction].bytesToPass = Infinity;
      this.#reset(pair);
    };
    const up = new Pipe(client, room, this.#weather.up, truncated);
    const down = new Pipe(room, client, this.#weather.down, truncated);
    const pair: Pair = { client, room, pipes: [up, down] };
    this.#pairs.add(pair);
    void this.#carry(pair, [up, down]);
  }

  /** A connection lasts until both directions have ended, or one has failed. */
  async #carry(pair: Pair, pipes: readonly Pipe[]): Promise<void> {
    try {
      await Promise.all(pipes.map((pipe) => pipe.run()));
      if (!isSpoilt(pair)) this.#pairs.delete(pair);
    } catch {
      // One end was reset, or is gone. The other one is told, unless it must not know (yet).
      if (!this.#abandoned.has(pair.room) && !isSpoilt(pair)) this.#reset(pair);
    }
  }

  #reset(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.room.resetAndDestroy();
  }

  #abandon(pair: Pair): void {
    this.#pairs.delete(pair);
    this.#abandoned.add(pair.room);
    pair.client.resetAndDestroy();
  }
}

function isSpoilt({ pipes }: Pair): boolean {
  return pipes.some((pipe) => pipe.isSpoilt);
}

/** An end that is reset says so. Here that is not an error, but what is to happen. */
function ignore(): void {}
