import { decodeServerFrame, framesOf } from "@partyflare/shared/internal";
import type { Journal } from "./journal";

/** Adds a listener of the client. It gets the offset of a durable event too. */
type Listen = (name: string, listener: (data: unknown, offset?: number) => void) => void;

/**
 * Writes all events of a client into its journal. The client has listeners for one name each, so this
 * reads the names in messages before the client does.
 */
export class EventTap {
  readonly #listen: Listen;
  readonly #journal: Journal;
  /** The names that have a listener. */
  readonly #names = new Set<string>();

  constructor(listen: Listen, journal: Journal) {
    this.#listen = listen;
    this.#journal = journal;
  }

  /** A message has come, which the client reads next. */
  heard(data: string | ArrayBuffer): void {
    if (typeof data !== "string") return;
    for (const text of framesOf(data)) {
      const name = eventIn(text);
      if (name === undefined || this.#names.has(name)) continue;
      this.#names.add(name);
      this.#listen(name, (value, offset) =>
        this.#journal.add({ kind: "event", name, data: value, offset }),
      );
    }
  }
}

/** The name of the event that a frame carries; undefined for another frame. */
function eventIn(text: string): string | undefined {
  try {
    const frame = decodeServerFrame(text);
    return frame.kind === "event" ? frame.name : undefined;
  } catch {
    // The client reports it.
    return undefined;
  }
}
