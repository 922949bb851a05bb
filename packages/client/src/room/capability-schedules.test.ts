import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import { type Hook, recorded, type Recorded } from "../../test/recorded";
import { beginScript, endScript, enter, frame, framesTo, sockets, turn } from "../../test/scripted";
import type { ScriptedSocket } from "../../test/scripted-socket";

const NAMES = ["notes", "presence", "shared"];

const name = fc.constantFrom(...NAMES);
const names = fc.subarray(NAMES);

/** One thing that happens. */
type Step =
  | { does: "use" | "answer" | "frame"; name: string }
  | { does: "hello"; has: string[] }
  | { does: "open" | "lose" | "close" | "reconnect" | "wait" | "turn" }
  | { does: "will"; action: "close" | "reconnect" }
  | { does: "will use"; name: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("use" as const), name }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom("answer", "frame"), name }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant("hello" as const), has: names }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom("open", "turn") }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom("lose", "wait", "reconnect") }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("close" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("will" as const),
      action: fc.constantFrom("close", "reconnect"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("will use" as const), name }) },
) as fc.Arbitrary<Step>;

beforeEach(beginScript);
afterEach(() => void endScript());

describe("whatever happens to a room", () => {
  it("greets each capability once on a connection that has it, and tells it of the loss", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        endScript();
        beginScript();
        const world = new World();
        for (const next of steps) {
          // oxlint-disable-next-line no-await-in-loop -- one step after the other
          await world.take(next);
          world.check();
        }
        world.end();
      }),
      { numRuns: cases(500) },
    );
  });
});

/** What happened to one capability on one connection. */
interface Story {
  /** Whether the room has told it that it is there. */
  isTold: boolean;
  hooks: Hook[];
}

/** A room with capabilities that a schedule uses, and the room that it speaks to. */
class World {
  // A public host, for which nothing warns.
  readonly #room = enter({ host: "example.com" }).room;
  readonly #used = new Map<string, Recorded>();
  /** What happened on each connection, by the capability's name. */
  readonly #stories = new Map<ScriptedSocket, Map<string, Story>>();
  /** Connections that a callback has ended while their frames were read: not all is told there. */
  readonly #cutShort = new Set<ScriptedSocket>();
  /** The frames that have arrived, and those that were sent, for each capability. */
  readonly #arrived: unknown[] = [];
  readonly #sent: unknown[] = [];
  /** The connection that is greeted; undefined while there is none. */
  #greeted: ScriptedSocket | undefined;
  /** What the app does in the next callback. */
  #reaction: (() => void) | undefined;
  #count = 0;

  async take(next: Step): Promise<void> {
    const room = this.#room;
    const socket = sockets.at(-1);
    switch (next.does) {
      case "use":
        return this.#use(next.name);
      case "open":
        if (socket?.readyState === 0) socket.open();
        return undefined;
      case "hello":
        if (socket?.readyState === 1 && this.#greeted !== socket) this.#hello(socket, next.has);
        return undefined;
      case "answer":
        return this.#answer(next.name);
      case "frame":
        return this.#frame(next.name);
      case "lose":
        return socket?.readyState === 1 ? this.#during(socket, () => socket.end(1_006)) : undefined;
      case "close":
      case "reconnect":
        return room[next.does]();
      case "wait":
        await vi.advanceTimersByTimeAsync(30_000);
        return undefined;
      case "turn":
        return turn();
      case "will":
        this.#reaction = () => room[next.action]();
        return undefined;
      case "will use":
        this.#reaction = () => this.#use(next.name);
        return undefined;
      default:
        return next satisfies never;
    }
  }

  /** What holds at any time. */
  check(): void {
    for (const [socket, stories] of this.#stories) {
      const isOver = socket.readyState !== 1;
      for (const [of, { isTold, hooks }] of stories) {
        const hello = hooks.filter((hook) => hook === "onHello").length;
        const lost = hooks.filter((hook) => hook === "onLost").length;
        if (!this.#cutShort.has(socket)) expect([of, hello]).toEqual([of, Number(isTold)]);
        expect(hello).toBeLessThanOrEqual(Number(isTold));
        expect(lost).toBe(isOver ? hello : 0);
        // The hello is the first, and the loss is the last.
        if (hello > 0) expect(hooks[0]).toBe("onHello");
        if (lost > 0) expect(hooks.at(-1)).toBe("onLost");
      }
    }
    for (const socket of sockets) {
      const asked = [...new URL(socket.url).searchParams.keys()];
      const sent = framesTo(socket).map((text) => JSON.parse(text) as string[]);
      const subscribed = sent.filter(([frameName]) => frameName === "$with");
      const all = [...asked, ...subscribed.map(([, of]) => `partyflare.${of}`)];
      expect(all).toEqual([...new Set(all)]);
    }
    expect(this.#arrived).toEqual(this.#sent);
    const socket = sockets.at(-1);
    if (this.#room.status.state !== "open" || !socket) return;
    // Each one is asked for.
    for (const of of this.#used.keys()) expect(this.#isAsked(socket, of)).toBe(true);
  }

  end(): void {
    this.#reaction = undefined;
    // One that is made in a closed room is not told of the close.
    this.#room.reconnect();
    this.#room.close();
    this.check();
    for (const { told } of this.#used.values()) expect(told.at(-1)?.[0]).toBe("onClosed");
  }

  #use(of: string): void {
    const on = (hook: Hook, payload: unknown) => this.#note(of, hook, payload);
    const made = recorded(this.#room, of, { on });
    expect(this.#used.get(of) ?? made).toBe(made);
    this.#used.set(of, made);
  }

  #note(of: string, hook: Hook, payload: unknown): void {
    if (hook !== "onClosed") {
      const socket = this.#greeted!;
      this.#storyOf(socket, of).hooks.push(hook);
      if (hook === "onFrame") this.#arrived.push(payload);
      // Of this connection, and of this capability.
      if (hook !== "onLost") {
        expect(payload).toMatchObject({ of, on: sockets.indexOf(socket) });
        expect(socket.readyState).toBe(1);
      }
    }
    const reaction = this.#reaction;
    this.#reaction = undefined;
    reaction?.();
  }

  #storyOf(socket: ScriptedSocket, of: string): Story {
    const stories = this.#stories.get(socket) ?? new Map<string, Story>();
    this.#stories.set(socket, stories);
    const story = stories.get(of) ?? { isTold: false, hooks: [] };
    stories.set(of, story);
    return story;
  }

  /** The room says hello, with the parts of those that it has and that were asked for. */
  #hello(socket: ScriptedSocket, has: readonly string[]): void {
    this.#greeted = socket;
    const query = new URL(socket.url).searchParams;
    const parts: Record<string, unknown> = {};
    for (const of of has.filter((each) => query.has(`partyflare.${each}`))) {
      parts[of] = this.#payload(socket, of);
      this.#storyOf(socket, of).isTold = true;
    }
    const hello = frame("$hello", { id: "ada", room: "lobby", ...parts });
    this.#during(socket, () => socket.receive(hello));
  }

  /** The room answers a later subscription. */
  #answer(of: string): void {
    const socket = this.#greeted;
    const isAsked = socket && framesTo(socket).includes(frame("$with", of, ""));
    if (!isAsked || socket.readyState !== 1 || this.#storyOf(socket, of).isTold) return;
    this.#storyOf(socket, of).isTold = true;
    const answer = frame(`$${of}`, this.#payload(socket, of));
    this.#during(socket, () => socket.receive(answer));
  }

  /** The room sends a frame, to those that it has greeted. */
  #frame(of: string): void {
    const socket = this.#greeted;
    const isTold = socket && this.#stories.get(socket)?.get(of)?.isTold;
    if (!isTold || socket.readyState !== 1) return;
    const payload = this.#payload(socket, of);
    this.#sent.push(payload);
    this.#during(socket, () => socket.receive(frame(`$${of}`, payload)));
  }

  #during(socket: ScriptedSocket, act: () => void): void {
    const isArmed = this.#reaction !== undefined;
    act();
    const hasEnded = socket.readyState !== 1;
    if (isArmed && this.#reaction === undefined && hasEnded) this.#cutShort.add(socket);
  }

  #payload(socket: ScriptedSocket, of: string): unknown {
    this.#count += 1;
    return { of, on: sockets.indexOf(socket), number: this.#count };
  }

  #isAsked(socket: ScriptedSocket, of: string): boolean {
    const inUrl = new URL(socket.url).searchParams.has(`partyflare.${of}`);
    return inUrl || framesTo(socket).includes(frame("$with", of, ""));
  }
}
