import { connect, type Room } from "@partyflare/client";
import type { live } from "../contract";
import type { Name } from "../names";
import { element } from "./element";
import { Network } from "./network";

/** A room of the documentation, as its clients see it. */
export type LiveRoom = Room<typeof live>;

/** What a pane shows below its head. */
export interface PaneView {
  readonly body: HTMLElement;
  /** Called after each change of the connection. */
  onStatus?(): void;
}

/** A kind of view, for one of the clients. */
export type MakeView = (room: LiveRoom, name: Name) => PaneView;

/** One client: its name, its connection, and what it sees of the room. */
export class Pane {
  readonly root: HTMLElement;
  readonly room: LiveRoom;
  readonly #network = new Network();
  readonly #status = element("p", { className: "status", role: "status" });
  readonly #view: PaneView;

  /**
   * @param options `canCut` adds the switch that cuts this pane's network.
   */
  constructor(roomName: string, name: Name, makeView: MakeView, options: { canCut: boolean }) {
    this.room = connect<typeof live>({
      party: "live",
      room: roomName,
      query: { name },
      WebSocket: this.#network.WebSocket,
    });
    this.#view = makeView(this.room, name);
    const title = element("b", { className: "name", textContent: name });
    const head = element("div", { className: "pane-head" }, title, this.#status);
    if (options.canCut) head.append(this.#switch(name));
    this.root = element("section", { className: "pane", ariaLabel: name }, head, this.#view.body);
    this.room.onStatus(() => this.#showStatus());
    this.#showStatus();
  }

  close(): void {
    this.room.close();
  }

  #switch(name: Name): HTMLElement {
    const button = element("button", {
      className: "switch",
      type: "button",
      role: "switch",
      ariaLabel: `${name}’s network`,
      ariaChecked: "true",
    });
    button.append(element("span", { className: "track" }), "Network");
    button.addEventListener("click", () => {
      if (this.#network.isCut) {
        this.#network.repair();
        this.room.reconnect();
      } else this.#network.cut();
      button.ariaChecked = String(!this.#network.isCut);
      this.#showStatus();
    });
    return button;
  }

  #showStatus(): void {
    const { state } = this.room.status;
    const isOpen = state === "open";
    const text = isOpen ? "Connected" : this.#network.isCut ? "Offline" : "Connecting";
    this.#status.textContent = text;
    this.root.dataset.state = isOpen ? "open" : this.#network.isCut ? "cut" : "connecting";
    this.#view.onStatus?.();
  }
}
