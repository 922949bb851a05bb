import { clientOf } from "../client";
import {
  type Attachment,
  type AttachmentPart,
  eraseAttachment,
  writeAttachment,
} from "./attachment";

/** The data of a connection that survives hibernation: its attachment. */
export class ConnectionData {
  readonly #socket: WebSocket;
  #attachment: Attachment;
  #client: string | undefined;
  #isErased = false;

  constructor(socket: WebSocket, attachment: Attachment) {
    this.#socket = socket;
    this.#attachment = attachment;
  }

  /** The attachment, as it was read or written last. */
  get current(): Attachment {
    return this.#attachment;
  }

  /** See `Connection.client`. */
  get client(): string {
    return (this.#client ??= clientOf(this.#attachment));
  }

  /** Whether the connection has expired. */
  get isExpired(): boolean {
    const { expiresAtMs } = this.#attachment;
    return expiresAtMs !== null && Date.now() >= expiresAtMs;
  }

  /** Writes changes. It throws as `writeAttachment` does. */
  write(changes: Partial<Attachment>, changed: AttachmentPart, title?: string): void {
    const next = { ...this.#attachment, ...changes };
    // A socket that has left keeps no attachment: the next wake-up would restore its connection.
    this.#attachment = this.#isErased
      ? structuredClone(next)
      : writeAttachment(this.#socket, next, changed, title);
  }

  /** Marks the socket as left. The data stays in memory, for the last hooks. */
  erase(): void {
    this.#isErased = true;
    eraseAttachment(this.#socket);
  }

  /** Whether the client has subscribed to a capability. */
  isSubscribed(capability: string): boolean {
    return this.#attachment.subscriptions.includes(capability);
  }

  /** Subscribes the client to capabilities. */
  subscribe(capabilities: readonly string[]): void {
    const { subscriptions } = this.#attachment;
    const added = capabilities.filter((name) => !subscriptions.includes(name));
    if (added.length > 0)
      this.write({ subscriptions: [...subscriptions, ...added] }, "subscriptions");
  }

  /** Returns the data of a capability; undefined without any. */
  of(capability: string): unknown {
    return this.#attachment.kept[capability];
  }

  /** Replaces the data of a capability. It throws as `writeAttachment` does. */
  keep(capability: string, data: unknown): void {
    this.write({ kept: { ...this.#attachment.kept, [capability]: data } }, "kept", capability);
  }
}
