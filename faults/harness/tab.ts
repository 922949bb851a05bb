import { eventually } from "@partyflare/harness/wait";
import type { HookScript, Step } from "../worker/hooks-contract.ts";

/** A tab of a client: where it connects to, and as which client. */
export interface TabSpec {
  /** A WebSocket URL of the room. */
  readonly url: string;
  /** The client, which is also its key. Tabs of one client have one. */
  readonly who: string;
  /** Of its connection. */
  readonly id: string;
}

/** What a call came to; undefined while it is not answered. */
interface Act {
  readonly label: string;
  readonly steps: readonly Step[];
  /** The error's code, or "done". */
  outcome?: string;
  since?: string;
}

/** A durable event that a tab has heard. */
interface Heard {
  readonly offset: number;
  readonly label: string;
}

interface Place {
  epoch: string;
  offset: number;
  tag: string;
  recovered?: boolean;
}

const OPEN_WITHIN_MS = 10_000;

/** The script of a tab whose hooks do nothing. */
export const QUIET: HookScript = { onConnect: [], onClose: [], onInvalid: [] };

/** A frame that the room handles, and one that no room understands. */
export const POKE = `["poke",null]`;
export const NONSENSE = `["nonsense",1]`;

/**
 * A page of a browser at the level of frames: it reconnects and reloads when it is told to, keeps its
 * position over both, and writes down every durable event that the room sends, the wrong ones too.
 */
export class Tab {
  readonly spec: TabSpec;
  readonly heard: Heard[] = [];
  readonly acts: Act[] = [];
  readonly mistakes: string[] = [];
  /** The labels of events that it should have heard before it was closed. */
  readonly unheardFarewells: string[] = [];
  /** After which offset it is to hear all; undefined before its first connection. */
  begin: number | undefined;
  /** Where the room told it that events may be missing. */
  readonly gaps: { readonly after: number; readonly upTo: number }[] = [];
  /** Why the room closed it last. */
  lastClose: { code: number; reason: string } | undefined;
  #socket: WebSocket | undefined;
  #isReady = false;
  #page = pageName();
  #position: Place | undefined;
  /** The calls of this page, by number; those that are answered are undefined. */
  #numbers: (Act | undefined)[] = [undefined];
  #since = "";

  constructor(spec: TabSpec) {
    this.spec = spec;
  }

  get isOpen(): boolean {
    return this.#isReady;
  }

  /** Calls of the page at hand that the room has yet to answer. */
  get unanswered(): number {
    return this.#numbers.filter((act) => act !== undefined).length;
  }

  /** Connects, unless it is connected. @returns whether the room let it in. */
  async open(script: HookScript): Promise<boolean> {
    if (this.#socket) return this.#isReady;
    const query = new URLSearchParams({
      _pk: this.spec.id,
      who: this.spec.who,
      script: JSON.stringify(script),
      "partyflare.history": positionOf(this.#position),
      "partyflare.once": "",
    });
    const protocols = ["partyflare.1", `partyflare.key.${this.spec.who}`];
    const socket = new WebSocket(`${this.spec.url}?${query}`, protocols);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      for (const frame of String(data).split("\n")) {
        // After `$close` a client hears nothing, whatever still comes.
        if (socket === this.#socket) this.#read(JSON.parse(frame) as [string, ...unknown[]]);
      }
    });
    for (const end of ["close", "error"]) {
      socket.addEventListener(end, () => this.#leave(socket));
    }
    await eventually(`tab ${this.spec.id} is answered`, OPEN_WITHIN_MS, () => {
      return this.#isReady || this.#socket !== socket ? true : undefined;
    });
    return this.#isReady;
  }

  /** Calls, and adds `more` frames to the same message. */
  act(steps: readonly Step[], more: readonly string[] = []): void {
    const act: Act = { label: crypto.randomUUID(), steps };
    this.acts.push(act);
    const number = this.#numbers.push(act) - 1;
    if (this.#isReady) this.send([this.#callFrame(number, act), ...more].join("\n"));
  }

  /** Sends text as one message, if it is connected. */
  send(text: string): void {
    if (this.#isReady) this.#socket?.send(text);
  }

  /** Loses its connection. */
  drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#leave(socket);
    socket.close();
  }

  /**
   * The page is loaded again: same id, key and position, and none of its calls. The connection of
   * the page before it ends only when that of the new one is there.
   */
  async reload(script: HookScript): Promise<boolean> {
    const before = this.#socket;
    this.#socket = undefined;
    this.#isReady = false;
    this.#page = pageName();
    this.#numbers = [undefined];
    const isOpen = await this.open(script);
    before?.close();
    return isOpen;
  }

  #leave(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#isReady = false;
  }

  #callFrame(number: number, act: Act): string {
    const isRepeat = act.since !== undefined;
    act.since ??= this.#since;
    const oldest = this.#numbers.findIndex((each) => each !== undefined);
    const operation = { page: this.#page, number, oldest, since: act.since };
    const input = { label: act.label, steps: act.steps };
    const sent = isRepeat ? { ...operation, repeat: true } : operation;
    return JSON.stringify(["$call", number, "act", input, sent]);
  }

  #read([name, ...rest]: [string, ...unknown[]]): void {
    switch (name) {
      case "$hello":
        return this.#greet(rest[0] as { history: Place; once: { since: string } });
      case "$history":
        return this.#move(rest[0] as Place);
      case "$reply":
        return this.#settle(Number(rest[0]), "done");
      case "$fail":
        return this.#settle(Number(rest[0]), (rest[1] as { code: string }).code);
      case "$close": {
        const close = rest[0] as { code: number; reason: string };
        this.lastClose = close;
        const { reason } = close;
        if (reason.startsWith("farewell") && !this.heard.some(({ label }) => label === reason)) {
          this.unheardFarewells.push(reason);
        }
        return this.drop();
      }
      case "happened":
        return this.#hear((rest[0] as Heard).label, Number(rest[1]), String(rest[2]));
      default:
    }
  }

  #greet({ history, once }: { history: Place; once: { since: string } }): void {
    this.#since = once.since;
    this.begin ??= history.offset;
    this.#move(history);
    this.#isReady = true;
    const again = this.#numbers.flatMap((act, number) => (act ? this.#callFrame(number, act) : []));
    if (again.length > 0) this.send(again.join("\n"));
  }

  #move(place: Place): void {
    if (place.recovered === false) {
      this.gaps.push({ after: this.#position?.offset ?? 0, upTo: place.offset });
    }
    if (!place.recovered || !this.#position) this.#position = place;
  }

  #settle(number: number, outcome: string): void {
    const act = this.#numbers[number];
    if (act) act.outcome = outcome;
    this.#numbers[number] = undefined;
  }

  #hear(label: string, offset: number, tag: string): void {
    const { epoch = "", offset: seen = 0 } = this.#position ?? {};
    // Our client drops it: for its app it is lost.
    if (offset <= seen) this.mistakes.push(`was sent ${label} at ${offset}, after ${seen}`);
    else this.#position = { epoch, offset, tag };
    this.heard.push({ offset, label });
  }
}

function pageName(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** The position as the upgrade carries it; empty for a client without one. */
function positionOf(place: Place | undefined): string {
  return place ? `${place.epoch}.${place.offset}.${place.tag}` : "";
}
