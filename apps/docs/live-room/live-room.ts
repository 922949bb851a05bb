import { randomKey } from "@partyflare/client";
import { NAMES } from "../names";
import { element } from "./element";
import { list } from "./list";
import css from "./live-room.css?inline";
import { messages } from "./messages";
import { type MakeView, Pane } from "./pane";
import { pointers } from "./pointers";

/** What a kind of live room shows, and the sentence that tells what to try. */
const KINDS: Readonly<Record<string, { view: MakeView; hint: string }>> = {
  delivery: {
    view: messages,
    hint: "Switch Ada’s network off. Let both say something. Switch it on.",
  },
  presence: {
    view: pointers,
    hint: "Move in a pane. Then switch Ada’s network off, and see her leave.",
  },
  "shared-state": {
    view: list,
    hint: "Tick in both panes. Then switch Ada’s network off, tick, and switch it on.",
  },
};

/**
 * `<live-room kind="delivery">`: two clients in one room of this site's Worker, each with a
 * connection of its own. A switch cuts the network of one. Each page that is loaded has its own
 * room.
 */
class LiveRoomElement extends HTMLElement {
  #panes: Pane[] = [];
  #observer: IntersectionObserver | undefined;

  connectedCallback(): void {
    // A room that nobody looks at costs nothing.
    this.#observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#open();
    });
    this.#observer.observe(this);
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    for (const pane of this.#panes) pane.close();
    this.#panes = [];
  }

  #open(): void {
    this.#observer?.disconnect();
    const kind = KINDS[this.getAttribute("kind") ?? ""];
    if (!kind) return;
    const roomName = randomKey();
    this.#panes = NAMES.map(
      (name, index) => new Pane(roomName, name, kind.view, { canCut: index === 0 }),
    );
    const title = element("p", { className: "title" }, element("b", { textContent: "Live room" }));
    const hint = element("p", { className: "hint-line", textContent: kind.hint });
    const panes = element("div", { className: "panes" }, ...this.#panes.map(({ root }) => root));
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.replaceChildren(
      element("style", { textContent: css }),
      element(
        "div",
        { className: "live" },
        element("div", { className: "head" }, title, hint),
        panes,
      ),
    );
  }
}

customElements.define("live-room", LiveRoomElement);
