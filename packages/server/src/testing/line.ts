import { decodeServerFrame, framesOf, PING, PONG } from "@partyflare/shared/internal";

/** A ping that the platform does not answer by itself: the room does, in its turn. */
const ROOM_PING = '["$ping",0]';

/** What a client's line needs. */
interface LineParts {
  /** Sends the request of an upgrade to the room. */
  readonly upgrade: (url: string, headers: Headers) => Promise<Response>;
  /** Headers of every upgrade, as the Worker may add them. */
  readonly headers: HeadersInit | undefined;
  /** Called with every message before the client reads it. */
  readonly onMessage: (data: string | ArrayBuffer) => void;
  /** Called when a socket has ended, or a message has been read. */
  readonly onChange: () => void;
}

/** The network between a client and its room, which a test may cut. */
export class Line {
  readonly parts: LineParts;
  isCut = false;
  /** Counts what the room has to handle: dials, and messages other than the platform's pings. */
  activity = 0;
  /** The sockets whose closing handshake is not over. */
  readonly sockets = new Set<LineSocket>();

  constructor(parts: LineParts) {
    this.parts = parts;
  }

  /** The WebSocket class of this client. */
  get socketClass(): new (url: string, protocols?: string[]) => LineSocket {
    // oxlint-disable-next-line typescript/no-this-alias -- for the class
    const line = this;
    return class extends LineSocket {
      constructor(url: string, protocols: string[] = []) {
        super(line, url, protocols);
      }
    };
  }

  /** The socket that carries messages now. */
  get open(): LineSocket | undefined {
    return Array.from(this.sockets).find((socket) => socket.readyState === WebSocket.OPEN);
  }

  /** Cuts the network: the client sees that its connection is lost, and the room sees nothing. */
  cut(): void {
    this.isCut = true;
    for (const socket of Array.from(this.sockets)) socket.cut();
  }

  /** Ends what a cut has left open. */
  hangUp(): void {
    for (const socket of Array.from(this.sockets)) socket.hangUp();
  }
}

/** A WebSocket from a test to a room. It has what our client uses of the platform's. */
export class LineSocket extends EventTarget {
  readonly url: string;
  readonly bufferedAmount = 0;
  readonly extensions = "";
  binaryType = "arraybuffer";
  protocol = "";
  readyState: number = WebSocket.CONNECTING;
  readonly #line: Line;
  #socket: WebSocket | undefined;
  #isCut = false;
  /** The pings that the room has not answered. */
  #unanswered = 0;

  constructor(line: Line, url: string, protocols: readonly string[]) {
    super();
    this.url = url;
    this.#line = line;
    line.sockets.add(this);
    void this.#dial(protocols);
  }

  get isAnswered(): boolean {
    return this.#unanswered === 0;
  }

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    if (this.readyState !== WebSocket.OPEN || this.#isCut) return;
    if (message === PING || message === ROOM_PING) this.#unanswered += 1;
    else this.#line.activity += 1;
    this.#socket?.send(message);
  }

  /**
   * Asks a room with a contract for an answer. The room gives it when it has handled all messages of
   * this connection, and after all frames that it has sent to it.
   */
  ask(): void {
    this.send(ROOM_PING);
  }

  /** Asks the platform for an answer, which does not wake the room. */
  ping(): void {
    this.send(PING);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState >= WebSocket.CLOSING) return;
    this.readyState = WebSocket.CLOSING;
    if (this.#socket) this.#socket.close(code, reason);
    else this.#end(1006, "");
  }

  cut(): void {
    this.#isCut = true;
    if (this.readyState === WebSocket.CONNECTING) return;
    this.#tell(1006, "The test has cut the network.");
  }

  hangUp(): void {
    if (this.#socket) this.#close(1000);
    else this.#end(1006, "");
  }

  async #dial(protocols: readonly string[]): Promise<void> {
    const { upgrade, headers: more } = this.#line.parts;
    // As in a network that takes packets and brings none: the client's own timeout ends the attempt.
    if (this.#line.isCut) return void (this.#isCut = true);
    this.#line.activity += 1;
    const headers = new Headers(more);
    headers.set("Upgrade", "websocket");
    if (protocols.length > 0) headers.set("Sec-WebSocket-Protocol", protocols.join(", "));
    try {
      const response = await upgrade(this.url.replace(/^ws/, "http"), headers);
      const { webSocket: socket, status } = response;
      if (!socket) {
        const text = await response.text();
        throw new Error(`The room answered with ${status}${text && `: ${text}`}`);
      }
      this.#take(socket, response.headers.get("Sec-WebSocket-Protocol") ?? "");
    } catch (error) {
      if (this.readyState < WebSocket.CLOSING) {
        this.dispatchEvent(Object.assign(new Event("error"), { error }));
      }
      this.#end(1006, "");
    }
  }

  #take(socket: WebSocket, protocol: string): void {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#receive(data as string | ArrayBuffer));
    socket.addEventListener("close", ({ code, reason }) => {
      // The client's half of the handshake, as browsers do it.
      if (code !== 1006) this.#close();
      this.#end(code, reason);
    });
    socket.accept();
    // The client has given up this attempt.
    if (this.readyState >= WebSocket.CLOSING) return this.#close(1000);
    if (this.#isCut) return;
    this.protocol = protocol;
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.#isCut) return;
    const isRefusal = this.#unanswered > 0 && isRateLimited(data);
    this.#unanswered -= isRefusal ? 1 : Math.min(this.#unanswered, pongsIn(data));
    // The client did not send the ping that is refused.
    if (!isRefusal) {
      this.#line.parts.onMessage(data);
      if (this.readyState === WebSocket.OPEN) {
        this.dispatchEvent(new MessageEvent("message", { data }));
      }
    }
    this.#line.parts.onChange();
  }

  #close(code?: number): void {
    try {
      this.#socket?.close(code);
    } catch {
      // It is closed already.
    }
  }

  /** The connection is over, on both sides. */
  #end(code: number, reason: string): void {
    this.#line.sockets.delete(this);
    this.#tell(code, reason);
    this.#line.parts.onChange();
  }

  /** Tells the client, once, that the connection is over. */
  #tell(code: number, reason: string): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    const wasClean = code !== 1006;
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }
}

/** The pongs of a message: the room joins frames. */
function pongsIn(data: string | ArrayBuffer): number {
  if (typeof data !== "string" || !data.includes(PONG)) return 0;
  return Array.from(framesOf(data)).filter((frame) => frame === PONG).length;
}

/** Whether a message refuses a ping, because its client has sent too many messages. */
function isRateLimited(data: string | ArrayBuffer): boolean {
  if (typeof data !== "string" || !data.startsWith('["$error"') || data.includes("\n"))
    return false;
  const frame = decodeServerFrame(data);
  return frame.kind === "error" && frame.error.code === "rate_limited" && !frame.event;
}
