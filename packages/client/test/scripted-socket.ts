/** A WebSocket without a network: a test says what happens on it. It never closes by itself. */
export class ScriptedSocket extends EventTarget {
  /** All that were made, since a test emptied it. */
  static readonly made: ScriptedSocket[] = [];

  readonly url: string;
  /** What was offered. */
  readonly protocols: readonly string[];
  readonly protocol: string;
  readonly extensions = "";
  binaryType = "blob";
  bufferedAmount = 0;
  readyState = 0;
  /** What was given to `send`. */
  readonly sent: unknown[] = [];

  constructor(url: string, protocols: string[] = []) {
    super();
    this.url = url;
    this.protocols = protocols;
    this.protocol = protocols[0] ?? "";
    ScriptedSocket.made.push(this);
  }

  send(message: unknown): void {
    this.sent.push(message);
  }

  /** The other side is told, and never answers. */
  close(): void {
    this.readyState = 2;
  }

  /** The other side lets it in. */
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  receive(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** The connection ends. */
  end(code: number, reason = ""): void {
    this.readyState = 3;
    const event = Object.assign(new Event("close"), { code, reason, wasClean: code !== 1006 });
    this.dispatchEvent(event);
  }
}
