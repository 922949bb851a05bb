import { HEAD_BYTES, type Packet, packetOf } from "./engine-io.ts";

/** What counts as received: messages, the frames of batches too, or the events of Socket.IO. */
export type Counted = "messages" | "lines" | "events";

/** Is told the payload of one message after the other, and how much of it counts. */
export interface Payloads {
  /** Bytes of the present message, which may not be all. */
  take(bytes: Buffer): number;
  /** The present message is complete. */
  end(): number;
}

/** @param hear is told each packet of Engine.IO that is no event. */
export function payloadsOf(counted: Counted, hear: (packet: Packet) => void): Payloads {
  switch (counted) {
    case "messages":
      return { take: () => 0, end: () => 1 };
    case "lines":
      // A newline joins the frames of a batch.
      return { take: newlinesIn, end: () => 1 };
    case "events":
      return new EventPayloads(hear);
    default:
      return counted satisfies never;
  }
}

const NEWLINE = 0x0a;

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

class EventPayloads implements Payloads {
  readonly #hear: (packet: Packet) => void;
  #head = "";

  constructor(hear: (packet: Packet) => void) {
    this.#hear = hear;
  }

  take(bytes: Buffer): number {
    if (this.#head.length < HEAD_BYTES) {
      this.#head += bytes.toString("latin1", 0, HEAD_BYTES - this.#head.length);
    }
    return 0;
  }

  end(): number {
    const packet = packetOf(this.#head);
    this.#head = "";
    if (packet === "event") return 1;
    this.#hear(packet);
    return 0;
  }
}
