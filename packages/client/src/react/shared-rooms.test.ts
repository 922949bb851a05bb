import * as fc from "fast-check";
import { readOffer } from "@partyflare/shared/internal";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cases } from "../../../../harness/scale";
import { recorded } from "../../test/recorded";
import { ScriptedSocket } from "../../test/scripted-socket";
import type { ShareOptions } from "./address";
import { holdRoom, onRoomsChange, sharedRoom } from "./shared-rooms";
import type { SharedRoom } from "./shared-room";

const SCHEDULES = cases(300);

const WHERE = { host: "localhost", party: "a", room: "b", WebSocket: ScriptedSocket };

const OPTIONS: Partial<ShareOptions>[] = [
  {},
  { token: "ada" },
  { token: "bob" },
  { identity: "ada" },
  { identity: "ada", token: "ada" },
  { identity: "ada", token: "ada2" },
  { identity: "bob", token: () => "bob" },
  { key: "k".repeat(22) },
  { id: "i", token: "ada" },
];

/** A component: its hook is `useRoom`, as React runs it. */
class Component {
  readonly holder = {};
  options: ShareOptions = WHERE;
  shared: SharedRoom | undefined;
  #stops: (() => void)[] = [];
  renders = 0;
  #isScheduled = false;

  /** Renders, commits, and runs the effects; again, in a turn of its own, when the store is another. */
  render(options: ShareOptions = this.options): void {
    this.options = options;
    this.renders += 1;
    if (this.renders > 50) throw new Error("It renders for ever.");
    const shared = sharedRoom(options, this.holder);
    if (this.shared !== shared) this.shared?.leave(this.holder);
    this.shared = shared;
    shared.update(this.holder, options);
    for (const stop of this.#stops.splice(0)) stop();
    const onChange = () => {
      if (!this.shared || sharedRoom(this.options, this.holder) === this.shared) return;
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      queueMicrotask(() => {
        this.#isScheduled = false;
        if (this.shared) this.render();
      });
    };
    this.#stops = [holdRoom(shared, options, this.holder), onRoomsChange(onChange)];
    onChange();
  }

  unmount(): void {
    const { shared } = this;
    this.shared = undefined;
    for (const stop of this.#stops.splice(0)) stop();
    shared?.leave(this.holder);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(() => void vi.useRealTimers());

const step = fc.record({
  who: fc.nat(3),
  what: fc.constantFrom("render", "unmount", "moment", "second", "open", "refuse", "abandon"),
  options: fc.nat(OPTIONS.length - 1),
  enabled: fc.boolean(),
});

const components: Component[] = [];

it("holders of all options have a room each, and leave nothing", async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    // Of a run that failed.
    for (const component of components.splice(0)) component.unmount();
    await vi.advanceTimersByTimeAsync(40_000);
    ScriptedSocket.made.length = 0;
    components.push(...Array.from({ length: 4 }, () => new Component()));
    const live = () => ScriptedSocket.made.filter(({ readyState }) => readyState < 2);
    for (const { who, what, options, enabled } of steps) {
      const component = components[who]!;
      const all = { ...WHERE, ...OPTIONS[options], enabled };
      component.renders = 0;
      if (what === "render") component.render(all);
      if (what === "unmount") component.unmount();
      await vi.advanceTimersByTimeAsync(0);
      if (what === "abandon") sharedRoom(all, {});
      if (what === "moment") await vi.advanceTimersByTimeAsync(5);
      if (what === "second") await vi.advanceTimersByTimeAsync(1_100);
      if (what === "open") {
        for (const socket of live().filter(({ readyState }) => readyState === 0)) {
          socket.open();
          socket.receive('["$hello",{"id":"x","room":"b"}]');
        }
      }
      if (what === "refuse") live()[0]?.end(1006);
    }
    // All that are there and enabled have a connection, and as whom they said.
    await vi.advanceTimersByTimeAsync(40_000);
    const mounted = components.filter(({ shared }) => shared);
    for (const { shared, options } of mounted) {
      const { room } = shared!;
      const isUsed = mounted.some(
        (other) => other.shared === shared && other.options.enabled !== false,
      );
      expect(room.status.state === "closed").toBe(!isUsed);
      if (!isUsed) continue;
      for (const one of mounted.filter((other) => other.shared === shared)) {
        const [a, b] = [one.options.identity, options.identity];
        expect(a === undefined || b === undefined || a === b).toBe(true);
      }
    }
    const used = new Set(
      mounted.filter(({ options }) => options.enabled !== false).map(({ shared }) => shared),
    );
    expect(live().length).toBeLessThanOrEqual(used.size);
    for (const socket of live()) {
      const { token } = readOffer(socket.protocols.join(","));
      const known = mounted.map(({ options }) =>
        typeof options.token === "function" ? "bob" : options.token,
      );
      expect(known).toContain(token);
    }
    for (const component of components) component.unmount();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(live()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
  await fc.assert(property, { numRuns: SCHEDULES });
}, 600_000);

it("asks in the first upgrade for what a component used while it rendered", async () => {
  const holder = {};
  const shared = sharedRoom(WHERE, holder);
  const notes = recorded(shared.room, "notes");
  const stop = holdRoom(shared, WHERE, holder);
  await vi.advanceTimersByTimeAsync(2);
  const { searchParams } = new URL(ScriptedSocket.made.at(-1)!.url);
  expect(searchParams.get("partyflare.notes")).toBe("");
  // Another component shares the room, and so what it uses.
  expect(recorded(sharedRoom(WHERE, {}).room, "notes")).toBe(notes);
  stop();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(notes.told).toEqual([["onClosed"]]);
});
