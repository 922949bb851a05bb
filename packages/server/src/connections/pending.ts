/**
 * Frames that wait to be sent together, as one connection is to get them: a chain that ends here
 * and goes back to the start of a window. Connections that are to get the same frames share one
 * chain, so that its text is made once for all of them.
 */
export class Pending {
  /** UTF-16 units of all frames, and of the newlines between them. */
  readonly length: number;
  /** Whether a later frame may replace one of these. */
  readonly canGoStale: boolean;
  readonly #previous: Pending | null;
  readonly #frame: string;
  readonly #latestBy: string | undefined;
  /** All frames joined. V8 keeps a sum of texts as a tree, and flattens it when it is sent. */
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

  /** The start of a window: nothing waits. */
  static start(): Pending {
    return new Pending(null, "", undefined);
  }

  /**
   * What waits after one more frame. A frame goes to many connections in a row, so the one that
   * was added last is most often the one that is added next.
   *
   * @param latestBy of frames with the same one, only the newest is sent.
   */
  plus(frame: string, latestBy?: string): Pending {
    const next = this.#next;
    if (next && next.#frame === frame && next.#latestBy === latestBy) return next;
    return (this.#next = new Pending(this, frame, latestBy));
  }

  /** The message: the frames in their order, without what a newer one has replaced. */
  get text(): string {
    if (!this.canGoStale) return this.#sum;
    return (this.#text ??= this.restarted(Pending.start()).#sum);
  }

  /** The same message in another window, without what a newer frame has replaced. */
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
