import type { Who } from "../worker/shared-report.ts";
import type { BoardContract } from "../worker/shared-contract.ts";
import { type Browser, connectTab } from "./browser.ts";
import { PagedTab } from "./paged-tab.ts";
import type { BoardAction, BoardCounts, BoardTabRecord, BoardTabSpec } from "./shared-messages.ts";
import { BoardPage, type PageOwner } from "./shared-page.ts";
import { Wire } from "./shared-wire.ts";

/** One tab of a browser. It shows what the room shares, while a page is loaded in it. */
export class BoardTab extends PagedTab<BoardPage> implements PageOwner {
  readonly variant;
  readonly mistakes: string[] = [];
  readonly counts: BoardCounts = {
    opens: 0,
    superseded: 0,
    answered: 0,
    refused: 0,
    frames: 0,
    received: 0,
    shown: 0,
    guesses: 0,
    overshoots: 0,
  };
  position: PageOwner["position"];
  /** Incremented as storage is lost, and again when all have seen that: even between losses. */
  era = 0;
  readonly #spec: BoardTabSpec;
  readonly #browser: Browser = new Map();
  #who: Who;
  #changes = 0;
  /** The changes that the room has answered in this era. */
  #owed: string[] = [];
  #wire: Wire | undefined;

  constructor(spec: BoardTabSpec) {
    super(spec);
    this.#spec = spec;
    this.variant = spec.variant;
    this.#who = spec.who;
  }

  get isLossy(): boolean {
    return this.era % 2 === 1;
  }

  get record(): BoardTabRecord {
    const page = this.page?.record;
    return {
      name: this.#spec.name,
      who: this.#who,
      ...(page && { page }),
      owed: this.variant.isFleeting ? [] : this.#owed,
      counts: this.counts,
      mistakes: this.mistakes.slice(0, 10),
    };
  }

  act(action: BoardAction): void {
    const { page } = this;
    switch (action.kind) {
      case "open":
      case "close":
      case "reload":
        return this.turn(action);
      case "change":
        return page?.change(action);
      case "count":
        for (let times = 0; times < action.times; times += 1) page?.count();
        return;
      case "guess":
        return page?.guess(action.key, action.ending);
      case "become":
        this.#who = action.who;
        if (page) this.#wire?.become(action.who, page.become(action.who));
        return;
      case "loss":
        if (this.isLossy === !action.isOver) return;
        this.era += 1;
        this.#owed = [];
        // A tab without a page has not seen it.
        this.position = undefined;
        return;
      default:
        action satisfies never;
    }
  }

  /** The id of the next change. */
  nextId(): string {
    this.#changes += 1;
    return `${this.#spec.name}.${this.#changes}`;
  }

  /** The room has answered a change that was asked for in an era. */
  owe(id: string, era: number): void {
    this.counts.answered += 1;
    if (era === this.era && !this.isLossy) this.#owed.push(id);
  }

  protected override load(hasInitial: boolean): BoardPage {
    const wire = new Wire(this, this.#who);
    const connected = connectTab<BoardContract>(this.#browser, this.#spec, {
      WebSocket: wire.WebSocket,
      query: () => {
        const { user, tags } = wire.ask();
        return { user, tags: JSON.stringify(tags) };
      },
    });
    this.#wire = wire;
    return new BoardPage(connected, this, wire, { hasInitial });
  }
}
