import type { Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

/** What one direction of a link does with the bytes that pass. */
export interface Weather {
  delayMs: number;
  /** So many of the next bytes go one by one. */
  bytesToSlice: number;
  isSwallowing: boolean;
  /** So many bytes still pass. */
  bytesToPass: number;
}

/** Nothing happens to the bytes. */
export const FAIR: Weather = {
  delayMs: 0,
  bytesToSlice: 0,
  isSwallowing: false,
  bytesToPass: Infinity,
};

/** One direction of one connection: bytes that come out of a socket go into another, in order. */
export class Pipe {
  /** Whether bytes were lost: then nothing that follows can make sense to the receiver. */
  isSpoilt = false;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: Weather;
  readonly #onTruncated: () => void;

  /**
   * @param weather read anew for everything that passes.
   * @param onTruncated called when the last byte that may pass has passed.
   */
  constructor(from: Socket, to: Socket, weather: Weather, onTruncated: () => void) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    this.#onTruncated = onTruncated;
    from.setNoDelay(true);
  }

  /** Passes on what comes until the end, and then the end. */
  async run(): Promise<void> {
    try {
      // Or else it would be destroyed at its end, with what is yet to be written to it.
      for await (const bytes of this.#from.iterator({ destroyOnReturn: false })) {
        if (this.#weather.delayMs > 0) await sleep(this.#weather.delayMs);
        await this.#pass(bytes as Buffer);
      }
    } finally {
      // The end is swallowed too, be it FIN or RST.
      if (this.#weather.isSwallowing) this.isSpoilt = true;
    }
    if (!this.isSpoilt) this.#to.end();
  }

  async #pass(bytes: Buffer): Promise<void> {
    const weather = this.#weather;
    if (weather.isSwallowing) {
      this.isSpoilt = true;
      return;
    }
    const passing = bytes.subarray(0, weather.bytesToPass);
    weather.bytesToPass -= passing.length;
    const sliced = Math.min(weather.bytesToSlice, passing.length);
    weather.bytesToSlice -= sliced;
    for (let at = 0; at < sliced; at += 1) {
      await this.#write(passing.subarray(at, at + 1));
      await turn();
    }
    if (sliced < passing.length) await this.#write(passing.subarray(sliced));
    if (weather.bytesToPass === 0) this.#onTruncated();
  }

  async #write(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#to.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}
