import { PING, PONG } from "@partyflare/shared/internal";

type Listener = (event: Event) => void;

/**
 * Stands in for the platform's WebSocket, in the same process: it is open at once, and hands on what
 * it is given. No network and no second process take part, so what is measured is what a client
 * does with a message that has arrived. Listeners are called with events that were made before the
 * clock was started: making them is the platform's work, and the same for every client.
 */
export class LocalSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly url: string;
  readonly protocol: string;
  readonly extensions = "";
  readonly bufferedAmount = 0;
  binaryType: BinaryType = "blob";
  readyState = LocalSocket.CONNECTING;
  readonly #listeners: Record<string, Set<Listener>> = {};

  constructor(url: string, protocols: string[] = []) {
    this.url = url;
    this.protocol = protocols[0] ?? "";
    queueMicrotask(() => {
      this.readyState = LocalSocket.OPEN;
      this.#tell("open", new Event("open"));
    });
  }

  addEventListener(type: string, listener: Listener): void {
    (this.#listeners[type] ??= new Set()).add(listener);
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners[type]?.delete(listener);
  }

  /** What the other side sends has arrived. */
  receive(event: MessageEvent<string>): void {
    this.#tell("message", event);
  }

  /** The other side has nobody in it. It answers signs of life, so that the client stays. */
  send(message: unknown): void {
    if (message !== PING) return;
    queueMicrotask(() => this.receive(new MessageEvent("message", { data: PONG })));
  }

  close(): void {
    this.readyState = LocalSocket.CLOSED;
  }

  #tell(type: string, event: Event): void {
    for (const listener of this.#listeners[type] ?? []) listener(event);
  }
}
