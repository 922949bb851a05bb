import { type Connection, type Message, Party } from "partyflare";

interface Env {
  ASSETS: Fetcher;
  Cursors: DurableObjectNamespace<Cursors>;
}

interface Point {
  x: number;
  y: number;
}

/** How often the room sends the pointers' positions to everybody. */
const TICK_MS = 50;

/**
 * A room that shares its visitors' pointers. It stays in memory, because a timer runs while anybody
 * is in it. The points change many times a second and are useless a second later.
 */
export class Cursors extends Party<Env> {
  readonly #points = new Map<string, Point>();
  #ticking: number | null = null;
  #hasChanged = false;

  onConnect() {
    this.#ticking ??= setInterval(() => this.#tick(), TICK_MS);
  }

  onMessage(connection: Connection, message: Message) {
    const point = readPoint(message);
    if (!point) return;
    this.#points.set(connection.id, point);
    this.#hasChanged = true;
  }

  onClose(connection: Connection) {
    // A newer connection may have the same id by now.
    if (!this.getConnection(connection.id)) this.#points.delete(connection.id);
    this.#hasChanged = true;
    if (this.getConnections().length > 0) return;
    clearInterval(this.#ticking);
    this.#ticking = null;
  }

  #tick() {
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    this.broadcast(JSON.stringify([...this.#points]));
  }
}

/** Reads two numbers from 0 to 1, as in "[0.25,0.5]"; null for anything else. */
function readPoint(message: Message): Point | null {
  if (typeof message !== "string") return null;
  const [x = NaN, y = NaN] = message.slice(1, -1).split(",").map(Number);
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : null;
}

export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Cursors"] }) || env.ASSETS.fetch(request)
    );
  },
} satisfies ExportedHandler<Env>;
