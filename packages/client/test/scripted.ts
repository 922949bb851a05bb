import { vi } from "vitest";
import type { PartySocketOptions } from "../src/connection/options";
import type { RoomStatus } from "../src/connection/status";
import { Room } from "../src/room/room";
import { PartySocket } from "../src/socket/party-socket";
import { ScriptedSocket } from "./scripted-socket";

const WHERE = { host: "localhost", party: "chat", room: "lobby", WebSocket: ScriptedSocket };
const HELLO = '["$hello",{"id":"ada","room":"lobby"}]';

/** What a room and a raw socket of scripted sockets are left with at a test's end. */
const closing: (() => void)[] = [];

/** Every socket that was made, in order. */
export const sockets: readonly ScriptedSocket[] = ScriptedSocket.made;

/** Call it before each test: time is the test's from then on. */
export function beginScript(): void {
  vi.useFakeTimers();
  ScriptedSocket.made.length = 0;
}

/** Call it after each test. Returns how many timers are left when all is closed. */
export function endScript(): number {
  for (const close of closing.splice(0)) close();
  const timers = vi.getTimerCount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  return timers;
}

/** A room, and every status it has told of. */
export function enter(options: Partial<PartySocketOptions> = {}) {
  const room = new Room({ ...WHERE, ...options }, { random: () => 0.5 });
  const statuses: RoomStatus[] = [];
  room.onStatus((status) => statuses.push(status));
  closing.push(() => room.close());
  return { room, statuses };
}

/** A raw socket, and the events that it has dispatched. */
export function connect(options: Partial<PartySocketOptions> = {}) {
  const socket = new PartySocket({ ...WHERE, ...options }, { random: () => 0.5 });
  const events: string[] = [];
  socket.addEventListener("close", ({ code, reason }) => events.push(`close ${code} ${reason}`));
  socket.addEventListener("error", ({ message }) => events.push(`error ${message}`));
  socket.addEventListener("open", () => events.push("open"));
  closing.push(() => socket.close());
  return { socket, events };
}

/** Lets an attempt get as far as its socket. */
export async function turn(): Promise<void> {
  await vi.advanceTimersByTimeAsync(2);
}

/** The latest socket, opened, and greeted where it speaks frames. */
export async function open(): Promise<ScriptedSocket> {
  await turn();
  const socket = ScriptedSocket.made.at(-1)!;
  socket.open();
  if (socket.protocol === "partyflare.1") socket.receive(HELLO);
  return socket;
}

/** The latest socket is greeted. */
export function sayHello(): void {
  ScriptedSocket.made.at(-1)!.receive(HELLO);
}

/** How long it takes until another attempt has its socket, in ms. */
export async function waitOf(): Promise<number> {
  const fromMs = Date.now();
  const { length } = sockets;
  for (let step = 0; step < 100_000 && sockets.length === length; step++) {
    await vi.advanceTimersToNextTimerAsync();
    // What that has set in motion comes before the next timer.
    await vi.advanceTimersByTimeAsync(0);
  }
  return Date.now() - fromMs;
}

/** The error event of a platform that tells what failed. */
export function errorEvent(message: string): Event {
  return Object.assign(new Event("error"), { error: new Error(message), message });
}

/** An option that fails. */
export function fail(): never {
  throw new Error("no");
}

/** What the latest socket's URL asks of a capability; null where it asks for nothing. */
export const askedOf = (name: string) =>
  new URL(sockets.at(-1)!.url).searchParams.get(`partyflare.${name}`);

export const frame = (...items: unknown[]) => JSON.stringify(items);

/** Every frame that a socket was given. */
export const framesTo = (socket: ScriptedSocket) =>
  socket.sent.flatMap((message) => String(message).split("\n"));

/** The latest socket is there, open, and greeted with these parts. */
export async function greet(parts: object = {}): Promise<ScriptedSocket> {
  await turn();
  const socket = sockets.at(-1)!;
  if (socket.readyState === 0) socket.open();
  socket.receive(frame("$hello", { id: "ada", room: "lobby", ...parts }));
  return socket;
}

/** Lets the client's wait for its next attempt pass. */
export async function comeBack(parts: object = {}): Promise<ScriptedSocket> {
  await vi.advanceTimersByTimeAsync(30_000);
  return greet(parts);
}
