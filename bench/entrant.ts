import { setTimeout as sleep } from "node:timers/promises";
import { askedParameter } from "@partyflare/shared/internal";
import { type Contender, speaksEngineIo } from "./contenders.ts";
import { Load } from "./load/load.ts";
import type { Host } from "./host.ts";
import type { Exchange, LoadReport, Publication, Storm } from "./load/messages.ts";
import type { Counted } from "./load/payloads.ts";
import { peerPath } from "./peers/peer.ts";
import { PeerServer } from "./peers/peer-server.ts";
import { type Crowd, openFilesFor, Server } from "./server.ts";

/** Until what follows an answer is done too: a process that works is read up to a tick late. */
const SETTLE_MS = 15;

/** What our own client carries besides: a secret that proves who it is when it comes back. */
export const FRAMED = `partyflare.1, partyflare.key.${"x".repeat(22)}`;

const NOTHING: Missed = { since: "", events: 0 };

/** What a piece of work has cost. */
export interface Cost extends LoadReport {
  /** The time on a CPU of the server's process, user's and system's. */
  readonly cpuMicroseconds: number;
}

/** Who connects, and to which rooms. */
export interface Visitors {
  /** The room of each, by its name. */
  readonly rooms: readonly string[];
  /** The tag of each, where it has one. */
  readonly tagOf?: (index: number) => string;
  /** How many connect at the same time. Default 32. */
  readonly atOnce?: number;
  /** What their ids begin with: who has the id of somebody who is there takes that one's place. Default `c`. */
  readonly ids?: string;
  /** Where they come back, and are sent what they have missed. */
  readonly missed?: Missed;
}

/** What those who come back are to be sent. */
export interface Missed {
  /** How their URLs say where they have come to: `&after=100`. */
  readonly since: string;
  readonly events: number;
}

/** A contender with a server and a load generator of its own, so that none can burden another. */
export class Entrant {
  readonly contender: Contender;
  readonly host: Host;
  readonly #load: Load;

  private constructor(contender: Contender, host: Host, load: Load) {
    this.contender = contender;
    this.host = host;
    this.#load = load;
  }

  static async start(contender: Contender, crowd: Crowd): Promise<Entrant> {
    const openFiles = openFilesFor(crowd);
    const { peer } = contender;
    const starting = peer ? PeerServer.start(peer, openFiles) : Server.start(openFiles);
    const [host, load] = await Promise.all([starting, Load.start(openFiles)]);
    return new Entrant(contender, host, load);
  }

  /** @throws Error where it is no Durable Object. */
  get server(): Server {
    if (this.host instanceof Server) return this.host;
    throw new Error(`${this.contender.name} has no Durable Objects.`);
  }

  /** Opens connections, which stay. */
  open(visitors: Visitors): Promise<LoadReport> {
    return this.#load.ask({ kind: "open", ...this.#visit(visitors) });
  }

  /** Opens each connection and closes it again. */
  churn(visitors: Visitors): Promise<LoadReport> {
    return this.#load.ask({ kind: "churn", ...this.#visit(visitors) });
  }

  /** Has them come one group of `atOnce` after the other, and takes how long each waits for all it is sent. */
  comeBack(visitors: Visitors): Promise<LoadReport> {
    return this.#load.ask({ kind: "return", ...this.#visit(visitors) });
  }

  /** Has some connections speak by turns, and waits for every answer: for how long that takes. */
  exchange(exchange: Exchange): Promise<LoadReport> {
    return this.#load.ask({ kind: "exchange", ...exchange });
  }

  /** Closes all connections. */
  close(): Promise<LoadReport> {
    return this.#load.ask({ kind: "close" });
  }

  /** Has all of it said at once, and takes the server's CPU time: for what it costs. */
  async burst(exchange: Exchange): Promise<Cost> {
    return costOf(await this.#load.ask({ kind: "exchange", ...exchange, ...this.#watch }));
  }

  /**
   * The same, for what is written: who waits for a disk uses no CPU, and seems to be done. So the
   * server's time is taken again when everything has come.
   */
  write(exchange: Exchange): Promise<Cost> {
    return this.#measure(() => this.#load.ask({ kind: "exchange", ...exchange, ...this.#watch }));
  }

  /**
   * Has all connect at once, and takes the server's CPU time: again when all have come, since a new
   * room waits for its disk.
   */
  arrive(visitors: Visitors): Promise<Cost> {
    return this.#measure(() =>
      this.#load.ask({ kind: "open", ...this.#visit(visitors), ...this.#watch }),
    );
  }

  /** Has all say goodbye at once, and takes the server's CPU time. */
  async leave(): Promise<Cost> {
    return costOf(await this.#load.ask({ kind: "close", ...this.#watch }));
  }

  /** Has all connections speak at a steady pace, and takes the server's CPU time. */
  storm(storm: Storm): Promise<Cost> {
    return this.#measure(() => this.#load.ask({ kind: "storm", ...storm }));
  }

  /** Has them come, be sent what they are to be sent, and leave, and takes the server's CPU time. */
  visit(visitors: Visitors): Promise<Cost> {
    return this.#measure(() => this.comeBack(visitors));
  }

  /** Has a backend post to the room, and takes the server's CPU time. */
  publish(publication: Publication): Promise<Cost> {
    return this.#measure(() => this.#load.ask({ kind: "publish", ...publication }));
  }

  /** Has something said, and takes how long the answer takes as well as the server's CPU time. */
  probe(exchange: Exchange): Promise<Cost> {
    return this.#measure(() => this.exchange(exchange));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#load.stop(), this.host.stop()]);
  }

  #visit({ rooms, tagOf, atOnce = 32, ids = "c", missed = NOTHING }: Visitors) {
    const { isTyped = false } = this.contender;
    return {
      port: this.host.port,
      paths: rooms.map((room, index) => {
        const tag = tagOf ? `&tag=${tagOf(index)}` : "";
        const path = `${pathOf(this.contender, room)}_pk=${ids}${index}${tag}`;
        return `${path}${isTyped ? askedBy(this.contender, missed) : missed.since}`;
      }),
      protocols: isTyped ? FRAMED : "",
      counted: countedOf(this.contender),
      atOnce,
      greetings: (isTyped ? 1 : 0) + missed.events,
    };
  }

  async #measure(work: () => Promise<LoadReport>): Promise<Cost> {
    const before = this.host.cpuMicroseconds();
    const report = await work();
    await sleep(SETTLE_MS);
    return { ...report, cpuMicroseconds: this.host.cpuMicroseconds() - before };
  }

  get #watch() {
    return { watched: this.host.pid };
  }
}

/** What our own client asks for in every upgrade: its position, or none, and its calls. */
function askedBy({ hasPresence, hasShared }: Contender, { since }: Missed): string {
  const history = `&${askedParameter("history")}=`;
  const once = `&${askedParameter("once")}=`;
  if (hasShared) return `${history}${once}${since || `&${askedParameter("shared")}=`}`;
  const core = `${since || history}${once}`;
  return hasPresence ? `${core}&${askedParameter("presence")}=` : core;
}

/** Up to where parameters follow. */
function pathOf({ route, peer }: Contender, room: string): string {
  return peer ? `${peerPath(peer, room)}&` : `${route}/${room}?`;
}

function countedOf(contender: Contender): Counted {
  if (speaksEngineIo(contender)) return "events";
  return contender.joinsFrames ? "lines" : "messages";
}

function costOf({ cpuMicroseconds, ...report }: LoadReport): Cost {
  if (cpuMicroseconds === undefined) throw new Error("The server was not watched.");
  return { ...report, cpuMicroseconds };
}

/** Starts all, does something with them, and stops them, whatever comes of it. */
export async function withEntrants<Result>(
  contenders: readonly Contender[],
  crowd: Crowd,
  use: (entrants: readonly Entrant[]) => Promise<Result>,
): Promise<Result> {
  const entrants = await Promise.all(contenders.map((each) => Entrant.start(each, crowd)));
  try {
    return await use(entrants);
  } catch (error) {
    const written = entrants.map(({ contender, host }) => `${contender.name}: ${host.output}`);
    throw new Error(`${String(error)}\n${written.join("\n")}`, { cause: error });
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.stop()));
  }
}
