import { PONG, type WireShared } from "@partyflare/shared/internal";
import { type Board, type BoardVariant, SECRET, VOID, type Who } from "../worker/shared-report.ts";
import { PingingSocket } from "./browser.ts";
import type { BoardCounts } from "./shared-messages.ts";

/** A position of the room's value, as frames carry it. */
interface Position {
  readonly version: number;
  readonly run: string;
}

/** A socket of a page, and whose secrets its messages may have. */
interface Channel {
  readonly seen: Set<string>;
}

/** How many messages a mistake tells of. */
const MAX_TRAIL = 12;

const SECRETS = new RegExp(`${SECRET}(\\w+):`, "g");

/** What a tab knows over all its pages. */
export interface WireOwner {
  readonly variant: BoardVariant;
  readonly mistakes: string[];
  readonly counts: BoardCounts;
  /** Whether the room has lost storage, and versions may go back. */
  readonly isLossy: boolean;
  /** The newest position of all. */
  position: Position | undefined;
}

/**
 * All that the sockets of a page receive, as text. It has no hidden value, and nothing of a change
 * that was refused. Its versions do not go back.
 */
export class Wire {
  /** What the last messages were, oldest first. */
  readonly trail: string[] = [];
  readonly #owner: WireOwner;
  readonly #channels: Channel[] = [];
  /** The changes of who the client is that the room has not confirmed. */
  readonly #becoming = new Set<Who>();
  #who: Who;
  #asked: Who;
  #current: Channel | undefined;

  constructor(owner: WireOwner, who: Who) {
    this.#owner = owner;
    this.#who = who;
    this.#asked = who;
  }

  /** A WebSocket whose messages are read before the library reads them. */
  get WebSocket(): typeof PingingSocket {
    const open = () => this.#open();
    const read = (channel: Channel, text: string) => this.#read(channel, text);
    return class extends PingingSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        const channel = open();
        this.addEventListener("message", ({ data }) => read(channel, String(data)));
      }
    };
  }

  /** The client tells the room who it is, as it connects. */
  ask(): Who {
    this.#asked = this.#who;
    return this.#who;
  }

  /** The client becomes another. It may get what is for either until the room has answered. */
  become(who: Who, answer: Promise<unknown>): void {
    this.#who = who;
    this.#becoming.add(who);
    for (const { seen } of this.#channels) this.#admit(seen, who);
    void this.#narrow(who, answer);
  }

  async #narrow(who: Who, answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch {
      // The next connection begins with who the client is then.
      this.#becoming.delete(who);
      return;
    }
    this.#becoming.delete(who);
    if (this.#becoming.size > 0 || !this.#current) return;
    this.#current.seen.clear();
    this.#admit(this.#current.seen, who);
  }

  #open(): Channel {
    const seen = new Set<string>();
    for (const who of [this.#asked, this.#who, ...this.#becoming]) this.#admit(seen, who);
    const channel = { seen };
    this.#channels.push(channel);
    return channel;
  }

  #admit(seen: Set<string>, { user, tags }: Who): void {
    if (this.#owner.variant.view === "own") seen.add(user);
    for (const tag of tags) seen.add(tag);
  }

  #read(channel: Channel, text: string): void {
    const { mistakes, counts, variant } = this.#owner;
    this.#current = channel;
    counts.received += text.length;
    if (text.includes(VOID))
      mistakes.push(`got something of a refused change: ${around(text, VOID)}`);
    if (variant.view) {
      for (const [found, name = ""] of text.matchAll(SECRETS)) {
        if (channel.seen.has(name)) continue;
        const who = [...channel.seen].join();
        mistakes.push(`may see ${who}, and got a hidden value: ${around(text, found)}`);
      }
    }
    const frames = text.split("\n").map((line) => this.#readFrame(line));
    if (text === PONG) return;
    this.trail.push(frames.join(" + "));
    if (this.trail.length > MAX_TRAIL) this.trail.shift();
  }

  /** @returns what the frame is, in short. */
  #readFrame(line: string): string {
    if (!line.startsWith('["$hello"') && !line.startsWith('["$shared"')) return line.slice(0, 40);
    const [name, payload] = JSON.parse(line) as [string, WireShared & { shared?: WireShared }];
    const shared = name === "$hello" ? payload.shared : payload;
    if (!shared) return name;
    this.#follow(shared);
    const { version, reset, more, gone = [], set = [] } = shared;
    const count = set.find(([key]) => key === "count")?.[1];
    return [
      `${name} ${version}`,
      ...(reset ? ["anew"] : []),
      ...(gone.length > 0 ? [`-${gone.length}`] : []),
      ...(set.length > 0 ? [`+${set.length}`] : []),
      ...(count === undefined ? [] : [`count ${JSON.stringify(count)}`]),
      ...(more ? ["…"] : []),
    ].join(" ");
  }

  #follow({ version, run }: Position): void {
    const { position, counts, mistakes, isLossy, variant } = this.#owner;
    counts.frames += 1;
    const isSameRun = !variant.isFleeting || position?.run === run;
    if (position && version < position.version && isSameRun && !isLossy) {
      mistakes.push(`was sent version ${version} (${run}) after ${position.version}`);
    }
    this.#owner.position = { version, run };
  }
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return JSON.stringify(text.slice(Math.max(0, at - 120), at + 80));
}

/** A value that a page has before the first snapshot. */
export const INITIAL: Board = {
  title: "of the page",
  count: -1,
  votes: {},
  kept: {},
  items: [{ id: "of the page", text: "" }],
  hands: {},
  teams: {},
  bulk: {},
};
