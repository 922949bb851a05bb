import { PartyError, type Room, sharedState, type SharedState } from "@partyflare/client";
import type { BoardContract } from "../worker/shared-contract.ts";
import { comesBack, connectionOf } from "./browser.ts";
import type { Change, Ending } from "../worker/shared-edits.ts";
import { type Board, shortened, type Who } from "../worker/shared-report.ts";
import type { BoardAction, BoardTabRecord } from "./shared-messages.ts";
import { Shown } from "./shared-shown.ts";
import { INITIAL, type Wire, type WireOwner } from "./shared-wire.ts";

/** What a page needs of its tab. */
export interface PageOwner extends WireOwner {
  readonly era: number;
  nextId(): string;
  owe(id: string, era: number): void;
}

/** The codes with which the room refuses changes for what they ask for. */
const CODES: Record<Ending, string | undefined> = {
  kept: undefined,
  invalid: "invalid",
  tooLarge: "too_large",
  notJson: "internal",
  proto: "invalid",
  undone: "undone",
};

/** The codes of calls whose connection, page or room has gone. */
const LOST_CODES = ["disconnected", "closed", "timeout"];

type SentCall = Extract<BoardAction, { kind: "change" }>["by"];

/** One page, from its load to its end. */
export class BoardPage {
  readonly hasInitial: boolean;
  readonly #room: Room<BoardContract>;
  readonly #board: SharedState<BoardContract>;
  readonly #owner: PageOwner;
  readonly #wire: Wire;
  readonly #shown: Shown;
  readonly #unanswered = new Set<string>();
  #isClosed = false;
  #wasSuperseded = false;

  constructor(
    room: Room<BoardContract>,
    owner: PageOwner,
    wire: Wire,
    { hasInitial }: { hasInitial: boolean },
  ) {
    this.#room = room;
    this.#owner = owner;
    this.#wire = wire;
    this.hasInitial = hasInitial;
    this.#board = sharedState(room, hasInitial ? { initialValue: INITIAL } : {});
    this.#shown = new Shown(this.#board, owner, wire);
    room.onStatus((status) => {
      if (status.state === "open") owner.counts.opens += 1;
      else this.#shown.doubt();
    });
    const onSuperseded = () => {
      this.#wasSuperseded = true;
      owner.counts.superseded += 1;
    };
    comesBack(room, () => this.#isClosed, onSuperseded);
    room.onError(({ code }) => {
      if (code === "bad_frame") owner.mistakes.push("could not read a frame of the room");
    });
  }

  get record(): BoardTabRecord["page"] {
    const { value, version, status } = this.#board;
    return {
      id: this.#room.id,
      ...connectionOf(this.#room),
      status,
      ...(version !== undefined && { version }),
      ...(value && { value: shortened(value) as Board }),
      unanswered: this.#unanswered.size,
      trail: this.#wire.trail,
    };
  }

  change({ by, ...change }: Extract<BoardAction, { kind: "change" }>): void {
    const { edits, ending, isSplit } = change;
    void this.#ask(by, { id: this.#owner.nextId(), edits, ending, isSplit });
  }

  /** Counts, which is shown at once. */
  count(): void {
    const id = this.#owner.nextId();
    const change: Change = { id, edits: [{ do: "count" }], ending: "kept", isSplit: false };
    void this.#ask("once", change, (promise) => this.#shown.count(id, promise));
  }

  /** Votes, which is shown at once. */
  guess(key: string, ending: Ending): void {
    const id = this.#owner.nextId();
    const text = `OWN:${id}`;
    const change: Change = { id, edits: [{ do: "vote", key }], ending, isSplit: false, text };
    void this.#ask("call", change, (promise) => this.#shown.guess(key, text, promise));
  }

  async become(who: Who): Promise<void> {
    // Without a connection, or if it is lost, the next attempt's query says the same.
    await this.#room.call("become", { user: who.user, tags: [...who.tags] });
  }

  close(): void {
    this.#isClosed = true;
    this.#room.close();
  }

  async #ask(
    by: SentCall,
    change: Change,
    show: (promise: Promise<unknown>) => void = () => {},
  ): Promise<void> {
    if (by === "event") return void this.#room.emit("changing", change);
    const { era } = this.#owner;
    const { id, ending } = change;
    this.#unanswered.add(id);
    const answer = this.#room.call(by === "once" ? "changeOnce" : "change", change);
    show(answer);
    try {
      await answer;
      this.#check(by, change, era);
    } catch (error) {
      const code = error instanceof PartyError ? error.code : String(error);
      if (code === CODES[ending]) this.#owner.counts.refused += 1;
      else if (!this.#isExpected(code, by, era)) {
        this.#owner.mistakes.push(`asked for ${id} (${ending}) by ${by}, and was told ${code}`);
      }
    }
    this.#unanswered.delete(id);
    this.#shown.end(id);
  }

  /** What a call has changed is there when it is answered. */
  #check(by: SentCall, { id, ending }: Change, era: number): void {
    const { mistakes, isLossy, variant } = this.#owner;
    if (ending !== "kept")
      mistakes.push(`asked for ${id} (${ending}), and was told that it is done`);
    this.#owner.owe(id, era);
    const { value, status } = this.#board;
    const mayLack = era !== this.#owner.era || isLossy || (variant.isFleeting && by === "once");
    if (mayLack || status !== "live" || value?.kept[id] === 1) return;
    mistakes.push(`was told that ${id} is done, and has it ${value?.kept[id] ?? 0} times`);
  }

  #isExpected(code: string, by: SentCall, era: number): boolean {
    if (this.#isClosed || this.#wasSuperseded) return true;
    if (by !== "once") return LOST_CODES.includes(code);
    // A room that has lost its storage does not know what came of a call.
    const isLost = era !== this.#owner.era || this.#owner.isLossy;
    return code === "unknown_outcome" && isLost;
  }
}
