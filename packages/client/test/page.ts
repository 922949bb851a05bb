import { vi } from "vitest";

/** A page, as far as a connection listens to one; `vi.unstubAllGlobals` takes it away. */
export class Page {
  readonly #window = new CountingTarget();
  readonly #document = Object.assign(new CountingTarget(), { visibilityState: "visible" });

  constructor() {
    vi.stubGlobal("window", this.#window);
    vi.stubGlobal("document", this.#document);
  }

  /** How many listeners it has. */
  get listeners(): number {
    return this.#window.count + this.#document.count;
  }

  /** The network is back. */
  goOnline(): void {
    this.#window.dispatchEvent(new Event("online"));
  }

  /** Somebody looks at another tab, or at this one again. */
  become(visibility: "hidden" | "visible"): void {
    this.#document.visibilityState = visibility;
    this.#document.dispatchEvent(new Event("visibilitychange"));
  }
}

class CountingTarget extends EventTarget {
  readonly #listeners = new Set<unknown>();

  get count(): number {
    return this.#listeners.size;
  }

  override addEventListener(...details: Parameters<EventTarget["addEventListener"]>): void {
    this.#listeners.add(details[1]);
    super.addEventListener(...details);
  }

  override removeEventListener(...details: Parameters<EventTarget["removeEventListener"]>): void {
    this.#listeners.delete(details[1]);
    super.removeEventListener(...details);
  }
}
