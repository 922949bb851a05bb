/** A page, from its load to its end. */
interface Page {
  readonly hasInitial: boolean;
  close(): void;
}

/** What a user does with a page of a tab. Each does nothing where it cannot be done. */
export type PageAction =
  /** Loads the page, which has data of its own from the beginning or not. */
  | { readonly kind: "open"; readonly hasInitial: boolean }
  | { readonly kind: "close" }
  /** The next page connects when the one before it has left; or at once, if it has the same id. */
  | { readonly kind: "reload" };

/** One tab of a browser, in which one page after the other is loaded. */
export abstract class PagedTab<P extends Page> {
  /** Undefined while none is loaded. */
  protected page: P | undefined;
  readonly #resumes: boolean;

  /** @param resumes whether a reload resumes the session. Otherwise each page has the same id. */
  constructor({ resumes }: { readonly resumes: boolean }) {
    this.#resumes = resumes;
  }

  protected abstract load(hasInitial: boolean): P;

  close(): void {
    this.page?.close();
    this.page = undefined;
  }

  protected turn(action: PageAction): void {
    const before = this.page;
    switch (action.kind) {
      case "open":
        this.page ??= this.load(action.hasInitial);
        return;
      case "close":
        return this.close();
      case "reload":
        if (!before) return;
        // The lock of a session is free when the page before has gone. A kept id needs no lock.
        if (this.#resumes) before.close();
        this.page = this.load(before.hasInitial);
        return before.close();
      default:
        action satisfies never;
    }
  }
}
