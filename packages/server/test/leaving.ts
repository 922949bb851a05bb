import { randomKey } from "@partyflare/shared";
import { PING } from "@partyflare/shared/internal";
import { onTestFinished, vi } from "vitest";
import type { Connection } from "../src/index";
import type { DurableRoom } from "./durable-party";
import { operation } from "./once-call";
import type { HelloHistory } from "./positions";
import type { TestRoom } from "./rooms";
import type { TestSocket } from "./test-socket";

/** A framed client of a durable room that has a key, and what the room greeted it with. */
export interface Client {
  readonly socket: TestSocket;
  readonly hello: { id: string; history: HelloHistory; once: { since: string } };
  /** Makes a call that happens once. */
  post(number: number, input?: unknown): Promise<void>;
}

/** A room to connect to; its log may have been taken out of it. */
export type DurableTestRoom = Omit<TestRoom<DurableRoom>, "log">;

/** Connects a client by its id. */
export async function joinAs(
  room: DurableTestRoom,
  id: string,
  { key = randomKey(), query = "" } = {},
): Promise<Client> {
  const offer = ["partyflare.1", `partyflare.key.${key}`];
  const socket = await room.connect(`?_pk=${id}${query}`, offer);
  const [first = ""] = String(await socket.next()).split("\n");
  const [, hello] = JSON.parse(first) as [string, Client["hello"]];
  return {
    socket,
    hello,
    post: (number, input) =>
      socket.sendFrame("$call", number, "post", input, operation(number, hello.once.since)),
  };
}

/** How a room comes to end a connection by itself: at once, or when it finds it so. */
export const WAYS_TO_LEAVE = ["closed", "expired", "dead", "slow"] as const;

export type WayToLeave = (typeof WAYS_TO_LEAVE)[number];

/** Code of the close that the party's `onClose` is told. */
export const CODE_OF = { closed: 4000, expired: 4401, dead: 1006, slow: 4408 } as const;

/** Before a client can be found dead it has to have pinged, and not for long. */
export async function pingAndFallSilent(socket: TestSocket): Promise<void> {
  await socket.send(PING);
  await socket.next();
  moveClock(200_000);
}

/** From now on it is so much later, for all rooms and tests of this file. */
export function moveClock(ms: number): void {
  const { now } = Date;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + ms);
  onTestFinished(() => clock.mockRestore());
}

/** Makes a connection one that the room ends now, or at the next look at it. */
export function makeLeave(way: WayToLeave, connection: Connection | undefined): void {
  switch (way) {
    case "closed":
      connection?.close(CODE_OF.closed);
      break;
    case "expired":
      connection?.expireAt(Date.now() - 1);
      break;
    case "slow":
      // A stand-in for what the runtime of these tests does not tell. `faults/` has the real thing.
      if (connection) {
        const value = 1_024 * 1_024 + 1;
        Object.defineProperty(connection.socket, "bufferedAmount", { value, configurable: true });
      }
      break;
    case "dead":
      // It has fallen silent before.
      break;
    default:
      way satisfies never;
  }
}

/** The frames of the messages that come, until there are so many. */
export async function framesOf(socket: TestSocket, count: number): Promise<unknown[]> {
  const frames: unknown[] = [];
  while (frames.length < count) {
    for (const text of String(await socket.next()).split("\n")) frames.push(JSON.parse(text));
  }
  return frames;
}

/** Durable events as tests compare them: without what only a later connection needs. */
export function withoutTag(frames: readonly unknown[]): unknown[] {
  return frames.map((frame) => (Array.isArray(frame) ? frame.slice(0, 3) : frame));
}
