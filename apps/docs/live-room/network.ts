/** One pane's network. A switch cuts it, as if the cable were pulled. */
export class Network {
  #isCut = false;
  readonly #sockets = new Set<CutSocket>();

  /** The client's option `WebSocket`: a socket that needs this network. */
  readonly WebSocket: new (url: string, protocols?: string[]) => object;

  constructor() {
    const connect = (url: string, protocols?: string[]) => this.#connect(url, protocols);
    this.WebSocket = function SocketOfNetwork(url: string, protocols?: string[]) {
      return connect(url, protocols);
    } as unknown as new (url: string, protocols?: string[]) => object;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Cuts the network: open connections end, and new ones fail. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.cut();
    this.#sockets.clear();
  }

  /** Repairs the network. */
  repair(): void {
    this.#isCut = false;
  }

  #connect(url: string, protocols?: string[]): CutSocket {
    if (this.#isCut) throw new Error("The network is cut.");
    const socket = new CutSocket(url, protocols);
    this.#sockets.add(socket);
    return socket;
  }
}

/** A `WebSocket` that a network can cut. Until then it passes everything on. */
class CutSocket extends EventTarget {
  readonly #socket: WebSocket;
  #isCut = false;

  constructor(url: string, protocols?: string[]) {
    super();
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
    return this.#isCut ? WebSocket.CLOSED : this.#socket.readyState;
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

  send(message: string | ArrayBuffer): void {
    if (!this.#isCut) this.#socket.send(message);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  /** Loses everything from now on. The client learns that the connection is lost, without a reason. */
  cut(): void {
    // RFC 6455 §7.1.5: a connection that was lost has the code 1006.
    const lost = new CloseEvent("close", { code: 1006, wasClean: false });
    this.#receive(lost);
    this.#isCut = true;
    // So that the room need not wait for a heartbeat that does not arrive.
    this.#socket.close();
  }

  #receive(event: Event): void {
    if (!this.#isCut) this.dispatchEvent(event);
  }
}
