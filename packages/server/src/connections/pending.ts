/**
 * Queued frames of one connection, to be sent as one message. It is a linked list from the last
 * frame back to the window's start. Connections that get the same frames share one list, so that
 * its text is built once.
 */
export class Pending {
  /** UTF-16 units of all frames, and of the newlines between them. */
  readonly length: number;
  /** Whether a later frame may replace one of these. */
  readonly canGoStale: boolean;
  readonly #previous: Pending | null;
  readonly #frame: string;
  readonly #latestBy: string | undefined;
  /** All frames joined. V8 stores concatenated text as a tree, and flattens it when it is sent. */
  readonly #sum: string;
  #next: Pending | undefined;
  #text: string | undefined;

  private constructor(previous: Pending | null, frame: string, latestBy: string | undefined) {
    this.#previous = previous;
    this.#frame = frame;
    this.#latestBy = latestBy;
    const before = previous === null ? "" : previous.#sum;
    this.#sum = before === "" ? frame : `${before}\n${frame}`;
    this.length = this.#sum.length;
    this.canGoStale = latestBy !== undefined || previous?.canGoStale === true;
  }

  /** Creates an empty queue, at the start of a window. */
  static start(): Pending {
    return new Pending(null, "", undefined);
  }

  /**
   * Returns the queue with one more frame. It caches the last result, since a frame goes to many
   * connections in a row.
   *
   * @param latestBy of frames with the same key, only the newest is sent.
   */
  plus(frame: string, latestBy?: string): Pending {
    const next = this.#next;
    if (next && next.#frame === frame && next.#latestBy === latestBy) return next;
    return (this.#next = new Pending(this, frame, latestBy));
  }

  /** The message: the frames in order, without those that a newer frame has replaced. */
  get text(): string {
    if (!this.canGoStale) return this.#sum;
    return (this.#text ??= this.restarted(Pending.start()).#sum);
  }

  /** Returns the same message in another window, without replaced frames. */
  restarted(start: Pending): Pending {
    return Pending.#newest(this).reduce(
      (chain, link) => chain.plus(link.#frame, link.#latestBy),
      start,
    );
  }

  static #newest(last: Pending): Pending[] {
    const seen = new Set<string>();
    const links: Pending[] = [];
    for (let link = last; link.#previous !== null; link = link.#previous) {
      if (link.#latestBy !== undefined && seen.has(link.#latestBy)) continue;
      if (link.#latestBy !== undefined) seen.add(link.#latestBy);
      links.push(link);
    }
    return links.toReversed();
  }
}
