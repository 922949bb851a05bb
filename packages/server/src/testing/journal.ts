import type { PartyError } from "@partyflare/shared";
import { shown } from "./shown";

/** Something that has come to a client. */
export type Received =
  | {
      readonly kind: "event";
      readonly name: string;
      readonly data: unknown;
      /** The place among the room's durable events; undefined for other events. */
      readonly offset?: number | undefined;
    }
  /** The room refused an event of this client: its name is in `event`. */
  | { readonly kind: "error"; readonly error: PartyError; readonly event?: string | undefined }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: ArrayBuffer }
  /** The connection's state: `open`, `closed`, `cut` and so on, with the reason. */
  | { readonly kind: "status"; readonly text: string };

/** How many of the last entries a failed wait lists. */
const MAX_LISTED = 30;

/** Everything that has come to one client, in order, and the waits for more. */
export class Journal {
  readonly entries: Received[] = [];
  readonly #taken = new Set<Received>();
  readonly #listeners = new Set<() => void>();

  add(entry: Received): void {
    this.entries.push(entry);
    this.changed();
  }

  /** Lets the waits look again. */
  changed(): void {
    for (const listener of Array.from(this.#listeners)) listener();
  }

  /** Calls a function after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes the first entry that passes and that nobody has taken: each is taken once. */
  take<Found extends Received>(passes: (entry: Received) => entry is Found): Found | undefined {
    const found = this.entries.find(
      (entry): entry is Found => passes(entry) && !this.#taken.has(entry),
    );
    if (found) this.#taken.add(found);
    return found;
  }

  /** The entries that nobody has taken, without those of the connection's state. */
  get untaken(): Received[] {
    return this.entries.filter((entry) => entry.kind !== "status" && !this.#taken.has(entry));
  }

  /** Lists what has come, in order, for the error of a failed wait. */
  describe(): string {
    const lines = this.entries.map(
      (entry, index) =>
        `  ${index + 1}. ${describe(entry)}${this.#taken.has(entry) ? " (taken)" : ""}`,
    );
    const left = lines.length - MAX_LISTED;
    const listed = left > 0 ? [`  … ${left} earlier`, ...lines.slice(-MAX_LISTED)] : lines;
    return listed.length > 0 ? `This came, in order:\n${listed.join("\n")}` : "Nothing came.";
  }
}

function describe(entry: Received): string {
  switch (entry.kind) {
    case "event":
      return `"${entry.name}" ${shown(entry.data)}`;
    case "error":
      return `error ${entry.error.code}${entry.event === undefined ? "" : ` for "${entry.event}"`}: ${entry.error.message}`;
    case "text":
      return `text ${shown(entry.text)}`;
    case "bytes":
      return `${entry.bytes.byteLength} bytes`;
    case "status":
      return entry.text;
    default:
      return entry satisfies never;
  }
}
