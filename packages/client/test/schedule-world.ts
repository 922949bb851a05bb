import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import type { PartySocketOptions } from "../src/connection/options";
import { Room } from "../src/room/room";
import { PartySocket } from "../src/socket/party-socket";
import { Page } from "./page";
import { ScriptedSocket } from "./scripted-socket";
import { heartbeat } from "../src/connection/heartbeat";

const QUEUE_LOOKS_AGAIN_MS = 50;

/** What a schedule does to a client: by an app, by a network, or by a room. */
export interface Client {
  close(): void;
  reconnect(): void;
  probe(): void;
  /** @returns whether it was handed to the network at once. */
  send(text: string): boolean;
  /** Whether another attempt may be made by itself. */
  isClosed(): boolean;
  isOpen(): boolean;
}

/** How the app's token is given: at once, by a test, never, or with an error. */
export type TokenMode = "now" | "later" | "never" | "fails";

/** A client, its page, its network and its room, all of which a schedule moves. */
export class ScheduleWorld {
  readonly page = new Page();
  readonly client: Client;
  tokenMode: TokenMode = "now";
  /** What the client does to itself when its status changes, or its connection closes. */
  reaction: "close" | "reconnect" | undefined;
  /** Signals of the tokens that were asked for. */
  readonly #signals: AbortSignal[] = [];
  readonly #pending: ((token: string) => void)[] = [];
  readonly #isFramed: boolean;
  #sent = 0;

  constructor(kind: "room" | "raw") {
    ScriptedSocket.made.length = 0;
    this.#isFramed = kind === "room";
    const options: PartySocketOptions = {
      host: "localhost",
      party: "chat",
      room: randomUUID(),
      WebSocket: ScriptedSocket,
      heartbeat: heartbeat(),
      token: (signal) => this.#token(signal),
      shouldReconnectOnClose: () => {
        this.#react();
        return true;
      },
    };
    this.client = kind === "room" ? this.#room(options) : this.#raw(options);
  }

  /** Sockets that neither side has closed. */
  get live(): ScriptedSocket[] {
    return ScriptedSocket.made.filter(({ readyState }) => readyState < 2);
  }

  /** Lets time pass, and what it sets in motion. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    this.check();
  }

  /** Sends the next number. */
  async send(): Promise<void> {
    const isSent = this.client.send(String(this.#sent));
    this.#sent += 1;
    // A room's queue leaves at the end of the task.
    await Promise.resolve();
    if (isSent) expect(this.#received.at(-1)).toBe(this.#sent - 1);
  }

  /** A token that was asked for arrives, perhaps long after its attempt. */
  answerToken(): void {
    this.#pending.shift()?.("late");
  }

  /** The room takes the socket, and says hello. */
  accept(): void {
    const socket = this.live[0];
    if (socket?.readyState === 0) socket.open();
    else if (socket && this.#isFramed) this.#greet(socket);
  }

  /** The room does something to the connection, if there is one that is open. */
  withOpen(act: (socket: ScriptedSocket) => void): void {
    const socket = this.live.find(({ readyState }) => readyState === 1);
    if (socket) act(socket);
  }

  /** A socket that the client has dropped does something yet. */
  withDropped(act: (socket: ScriptedSocket) => void): void {
    const socket = ScriptedSocket.made.findLast(({ readyState }) => readyState === 2);
    if (socket) act(socket);
  }

  /** What holds at any time. */
  check(): void {
    expect(this.live.length).toBeLessThanOrEqual(1);
    // Each text once, in order, over whatever connections.
    const { length } = this.#received;
    for (let index = 1; index < length; index++) {
      expect(this.#received[index]!).toBeGreaterThan(this.#received[index - 1]!);
    }
    if (this.client.isOpen()) expect(this.live.map(({ readyState }) => readyState)).toEqual([1]);
    if (this.client.isClosed()) this.#checkNothingLeft();
    else expect(vi.getTimerCount()).toBeGreaterThan(0);
    // An attempt that waits for a token is the only one whose signal is not aborted.
    const waiting = this.#signals.filter(({ aborted }) => !aborted);
    expect(waiting.length).toBeLessThanOrEqual(1);
  }

  /** When all is well again, a client that was not closed for good comes back, with all it held. */
  async heal(): Promise<void> {
    this.reaction = undefined;
    this.tokenMode = "now";
    this.page.goOnline();
    if (this.client.isClosed()) this.client.reconnect();
    this.withOpen((socket) => (socket.bufferedAmount = 0));
    const number = this.#sent;
    await this.send();
    for (let second = 0; second < 200 && !this.client.isOpen(); second++) {
      await this.pass(1_000);
      this.accept();
      await this.pass(0);
    }
    this.withOpen((socket) => socket.receive('["$pong"]'));
    await this.pass(100);
    expect(this.client.isOpen()).toBe(true);
    expect(this.#received.at(-1)).toBe(number);
    this.client.close();
    this.check();
    expect(this.client.isClosed()).toBe(true);
  }

  /** The numbers that the room has been sent. */
  get #received(): number[] {
    return ScriptedSocket.made
      .flatMap(({ sent }) => sent.flatMap((message) => String(message).split("\n")))
      .flatMap((text) => text.match(/^(?:\["\$text","(\d+)"\]|(\d+))$/)?.slice(1) ?? [])
      .filter((digits) => digits !== undefined)
      .map(Number);
  }

  #checkNothingLeft(): void {
    expect(this.live).toEqual([]);
    expect(this.page.listeners).toBe(0);
    // partysocket dials after a timer of 0 ms, and finds out then that it is not to; a queue behind a
    // busy network looks once more whether it may send.
    vi.advanceTimersByTime(QUEUE_LOOKS_AGAIN_MS);
    expect(vi.getTimerCount()).toBe(0);
    expect(this.#signals.every(({ aborted }) => aborted)).toBe(true);
  }

  #greet(socket: ScriptedSocket): void {
    socket.receive('["$hello",{"id":"ada","room":"lobby"}]');
  }

  #token(signal: AbortSignal): string | Promise<string> {
    this.#signals.push(signal);
    this.#react();
    switch (this.tokenMode) {
      case "now":
        return "token";
      case "fails":
        throw new Error("no token");
      case "later":
        return new Promise((resolve) => this.#pending.push(resolve));
      case "never":
        return new Promise(() => {});
      default:
        return this.tokenMode satisfies never;
    }
  }

  /** Once for each time that a schedule asks for it: or two of them would go on for ever. */
  #react(): void {
    const { reaction } = this;
    this.reaction = undefined;
    if (reaction) this.client[reaction]();
  }

  #room(options: PartySocketOptions): Client {
    const room = new Room(options);
    room.onStatus(() => this.#react());
    return {
      close: () => room.close(),
      reconnect: () => room.reconnect(),
      probe: () => room.probe(),
      send: (text) => room.sendText(text) === "sent",
      isClosed: () => room.status.state === "closed",
      isOpen: () => room.status.state === "open",
    };
  }

  #raw(options: PartySocketOptions): Client {
    const socket = new PartySocket(options);
    for (const type of ["open", "close", "error"]) {
      socket.addEventListener(type, () => this.#react());
    }
    return {
      close: () => socket.close(),
      reconnect: () => socket.reconnect(),
      probe: () => socket.probe(),
      send: (text) => socket.send(text),
      isClosed: () => !socket.shouldReconnect,
      isOpen: () => socket.readyState === PartySocket.OPEN,
    };
  }
}
