import { vi } from "vitest";

/** A page, as far as a connection listens to one; `vi.unstubAllGlobals` takes it away. */
export class Page {
  readonly #window = new CountingTarget();
  readonly #document = Object.assign(new CountingTarget(), { visibilityState: "visible" });

  constructor() {
    const window = this.#window;
    vi.stubGlobal("document", this.#document);
    vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
    vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  }

  /** How many listeners it has. */
  get listeners(): number {
    return this.#window.count + this.#document.count;
  }

  /** The network is back. */
  goOnline(): void {
    this.tell("online");
  }

  /** Somebody looks at another tab, or at this one again. */
  become(visibility: "hidden" | "visible"): void {
    this.#document.visibilityState = visibility;
    this.tell("visibilitychange");
  }

  /** An event of the page or of its network. */
  tell(type: string, more: object = {}): void {
    const isOfDocument = ["visibilitychange", "freeze", "resume"].includes(type);
    const target = isOfDocument ? this.#document : this.#window;
    target.dispatchEvent(Object.assign(new Event(type), more));
  }
}

/** Counts each listener once for each event that it is added to. */
class CountingTarget extends EventTarget {
  readonly #listeners = new Map<string, Set<unknown>>();

  get count(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  override addEventListener(...details: Parameters<EventTarget["addEventListener"]>): void {
    const [type, listener] = details;
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
    super.addEventListener(...details);
  }

  override removeEventListener(...details: Parameters<EventTarget["removeEventListener"]>): void {
    const [type, listener] = details;
    this.#listeners.get(type)?.delete(listener);
    super.removeEventListener(...details);
  }
}
