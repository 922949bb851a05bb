import { type Direction, network } from "./network";

/** How long the room keeps a connection whose Close frame was lost, in ms. */
const LINGER_MS = 30_000;

/**
 * A `WebSocket` with a network that may be slow or lose messages. It is the client's option
 * `WebSocket`. On a healthy network it passes everything on at once and unchanged.
 *
 * A loss lasts until the connection ends. TCP delivers in order, so a real connection that has lost
 * data delivers nothing after it either.
 */
export class LabSocket extends EventTarget {
  readonly #socket: WebSocket;
  readonly #sending = new Lane();
  readonly #receiving = new Lane();
  #loses: Direction | null = null;

  constructor(url: string, protocols?: string[]) {
    super();
    network.connect(this);
    const socket = new WebSocket(url, protocols);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#receive(new Event("open")));
    socket.addEventListener("error", () => this.#receive(new Event("error")));
    socket.addEventListener("close", (event) => this.#receive(new CloseEvent("close", event)));
    socket.addEventListener("message", ({ data, origin }) =>
      this.#receive(new MessageEvent("message", { data, origin })),
    );
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  get binaryType(): BinaryType {
    return this.#socket.binaryType;
  }

  set binaryType(type: BinaryType) {
    this.#socket.binaryType = type;
  }

  send(message: string | ArrayBuffer | Blob): void {
    if (this.#loses === "sent") return network.countLoss(this);
    this.#sending.pass(() => this.#socket.send(message));
  }

  close(code?: number, reason?: string): void {
    const close = () => this.#socket.close(code, reason);
    if (this.#loses === "sent") setTimeout(close, LINGER_MS);
    else this.#sending.pass(close);
  }

  /** Loses everything in one direction from now on. */
  lose(direction: Direction): void {
    this.#loses = direction;
  }

  #receive(event: Event): void {
    // The room's Close frame is lost as well, so only the heartbeat notices.
    if (this.#loses === "received") return network.countLoss(this);
    this.#receiving.pass(() => {
      network.heardAtMs = Date.now();
      if (event.type === "message") network.messages += 1;
      this.dispatchEvent(event);
    });
  }
}

/** Delays messages by the network's delay, and keeps their order. */
class Lane {
  readonly #waiting: (() => void)[] = [];
  #lastDueAtMs = 0;

  pass(action: () => void): void {
    const nowMs = performance.now();
    this.#lastDueAtMs = Math.max(this.#lastDueAtMs, nowMs + network.delayMs);
    if (this.#lastDueAtMs <= nowMs && this.#waiting.length === 0) return action();
    this.#waiting.push(action);
    setTimeout(() => this.#waiting.shift()?.(), this.#lastDueAtMs - nowMs);
  }
}
