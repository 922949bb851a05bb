import type { Payloads } from "./payloads.ts";

/** RFC 6455 §5.2: what a client's frame begins with. */
const TEXT = 0x81;
const CLOSE = 0x88;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** RFC 6455 §5.2: lengths from here on are given in 2 bytes, and from 65,536 on in 8. */
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

/** A client's message of text. */
export function textFrame(text: string): Buffer {
  return frame(TEXT, Buffer.from(text));
}

/** A client's goodbye, with code 1000. */
export function closeFrame(): Buffer {
  return frame(CLOSE, Buffer.from([0x03, 0xe8]));
}

function frame(opcode: number, payload: Buffer): Buffer {
  // The mask is all zeros, which leaves the payload as it is: what it protects from is proxies.
  return Buffer.concat([header(opcode, payload.length), Buffer.alloc(MASK_BYTES), payload]);
}

function header(opcode: number, length: number): Buffer {
  if (length < TWO_BYTE_LENGTH) return Buffer.from([opcode, MASKED | length]);
  if (length < 65_536) {
    return Buffer.from([opcode, MASKED | TWO_BYTE_LENGTH, length >> 8, length & 0xff]);
  }
  const long = Buffer.from([opcode, MASKED | EIGHT_BYTE_LENGTH, 0, 0, 0, 0, 0, 0, 0, 0]);
  long.writeUInt32BE(length, 6);
  return long;
}

/** The opcode of a frame that says goodbye. */
const CLOSE_OPCODE = 0x08;

/** The longest header that a server writes: it masks nothing. */
const MAX_HEADER_BYTES = 10;

/** Counts what there is in a server's stream of bytes, and looks at no more of it than it must. */
export class FrameCounter {
  /** Whether the server has said goodbye. */
  isClosing = false;
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes of the present frame that are still to come. */
  #payloadLeft = 0;
  readonly #payloads: Payloads;

  constructor(payloads: Payloads) {
    this.#payloads = payloads;
  }

  /** @returns how much of these bytes counts as received. */
  take(bytes: Buffer, start: number, end: number): number {
    let count = 0;
    let at = start;
    while (at < end) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, end - at);
        if (!this.#isGoodbye()) count += this.#payloads.take(bytes.subarray(at, at + taken));
        at += taken;
        this.#payloadLeft -= taken;
        if (this.#payloadLeft === 0) count += this.#endOfFrame();
        continue;
      }
      this.#header[this.#headerBytes] = bytes[at] ?? 0;
      this.#headerBytes += 1;
      at += 1;
      if (this.#isHeaderComplete()) {
        this.#payloadLeft = this.#payloadLength();
        if (this.#payloadLeft === 0) count += this.#endOfFrame();
      }
    }
    return count;
  }

  #isHeaderComplete(): boolean {
    const length = this.#header[1] ?? 0;
    if (this.#headerBytes < 2) return false;
    if (length < TWO_BYTE_LENGTH) return true;
    return this.#headerBytes === (length === TWO_BYTE_LENGTH ? 4 : MAX_HEADER_BYTES);
  }

  #payloadLength(): number {
    const length = this.#header[1] ?? 0;
    if (length < TWO_BYTE_LENGTH) return length;
    return length === TWO_BYTE_LENGTH ? this.#header.readUInt16BE(2) : this.#header.readUInt32BE(6);
  }

  #endOfFrame(): number {
    this.#headerBytes = 0;
    if (!this.#isGoodbye()) return this.#payloads.end();
    this.isClosing = true;
    return 0;
  }

  #isGoodbye(): boolean {
    return ((this.#header[0] ?? 0) & 0x0f) === CLOSE_OPCODE;
  }
}
