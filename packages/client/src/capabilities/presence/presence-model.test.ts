import * as fc from "fast-check";
import type { Contract } from "@partyflare/shared";
import type { WirePresence, WirePresenceUpdate } from "@partyflare/shared/internal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cases } from "../../../../../harness/scale";
import { PresenceHost } from "../../../test/presence-host";
import { ME, MINE, PresenceRoom } from "../../../test/presence-room";
import type { Room } from "../../room/room";
import type { Member } from "./member";
import { presence } from "./presence";

type Shown = Member<Contract>;

/** A client, the two directions of its connection, and the room. It checks the client all along. */
class World {
  readonly host = new PresenceHost();
  readonly here = presence(this.host.room as unknown as Room<Contract>);
  readonly room = new PresenceRoom((frame) => this.isConnected && this.down.push(frame));
  readonly up: WirePresenceUpdate[] = [];
  readonly down: WirePresence[] = [];
  isConnected = false;
  #values = 0;
  #taken = 0;
  /** The others, as the events have told of them; undefined before the first snapshot. */
  #known: Map<string, Shown> | undefined;

  constructor() {
    this.here.on("join", (member) => {
      expect(this.#known?.has(member.key)).toBe(false);
      this.#known!.set(member.key, member);
    });
    this.here.on("update", (member) => {
      expect(this.#known!.get(member.key)).not.toEqual(member);
      this.#known!.set(member.key, member);
    });
    this.here.on("leave", ({ key }) => expect(this.#known!.delete(key)).toBe(true));
    this.here.subscribe(() => {
      this.#known ??= new Map(this.here.others.map((member) => [member.key, member]));
      expect(new Map(this.here.others.map((member) => [member.key, member]))).toEqual(this.#known);
    });
  }

  /** A value that no other device sets. */
  value(by: string): { by: string; number: number } {
    return { by, number: (this.#values += 1) };
  }

  set(fields: object): void {
    const before = this.#own;
    this.here.set(fields as never);
    if (this.isConnected) expect(this.#own).toMatchObject(fields);
    for (const [name, value] of Object.entries(fields)) {
      // A value that only another tab has replaced is shown when the room has taken it again.
      const isNew = JSON.stringify(before[name]) !== JSON.stringify(value);
      if (this.here.me && isNew) expect(this.here.me.presence).toMatchObject({ [name]: value });
    }
    this.#upload();
  }

  pass(ms: number): void {
    vi.advanceTimersByTime(ms);
    this.#upload();
  }

  connect(): void {
    if (this.isConnected) return;
    // What has changed so far is in the snapshot alone.
    this.room.flush({ repeats: false });
    this.room.join(MINE, ME);
    this.isConnected = true;
    this.host.hello(this.room.snapshot);
    this.#upload();
    // The first frame has all of it.
    expect(this.up.map(({ set }) => set)).toEqual(
      Object.keys(this.#own).length > 0 ? [this.#own] : [],
    );
  }

  cut({ hasGrace }: { hasGrace: boolean }): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.up.length = 0;
    this.down.length = 0;
    this.host.lose();
    this.room.leave(MINE, { hasGrace });
  }

  take(): void {
    const frame = this.up.shift();
    if (frame) this.room.receive(frame);
  }

  deliver(): void {
    const frame = this.down.shift();
    if (!frame) return;
    const before = this.here.state;
    const own = this.#own;
    this.host.send(frame);
    this.#upload();
    expect(this.host.errors.filter(({ code }) => code !== "invalid")).toEqual([]);
    this.#sharesWhatIsEqual(before);
    if (!("refused" in frame)) this.#doesNotFlicker(own);
  }

  /** Nothing is on its way, and nothing waits. */
  settle(): void {
    this.connect();
    for (let times = 0; times < 20; times += 1) {
      this.pass(100);
      while (this.up.length > 0) this.take();
      this.room.flush({ repeats: false });
      while (this.down.length > 0) this.deliver();
    }
    expect(vi.getTimerCount()).toBe(0);
  }

  /** The client shows what the room has. */
  compare(): void {
    const { here, room } = this;
    const shown = here.members.map(({ key, info, presence, devices }) => ({
      key,
      info,
      presence,
      devices,
    }));
    const expected = room.listed.map((member) => ({
      key: member.key,
      info: member.info,
      presence:
        (member.presence === undefined ? member.devices[0]?.[1] : member.presence) ?? undefined,
      devices: member.devices.map(([id, fields]) => ({ id, presence: fields ?? undefined })),
    }));
    expect(byKey(shown)).toEqual(byKey(expected));
    expect(here.me?.key).toBe(ME);
    expect(here.others).toEqual(here.members.filter(({ key }) => key !== ME));
    expect([here.size, here.isPartial]).toEqual([room.keys.length, room.hidden.size > 0]);
  }

  #upload(): void {
    const sent = this.host.sent.slice(this.#taken);
    this.#taken += sent.length;
    for (const update of sent) if (this.isConnected) this.up.push(update);
    const numbers = this.host.sent.map(({ n }) => n);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  }

  /** The data of the client's own device, as it is shown. */
  get #own(): Record<string, unknown> {
    const own = this.here.me?.devices.find(({ id }) => id === MINE);
    return { ...own?.presence };
  }

  /** The own values are the latest ones, also in the member, unless the other tab has set them. */
  #doesNotFlicker(before: Record<string, unknown>): void {
    const own = this.#own;
    expect(own).toEqual(before);
    for (const [name, value] of Object.entries(this.here.me?.presence ?? {})) {
      if ((value as { by: string } | null)?.by !== "tab") expect(value).toEqual(own[name]);
    }
  }

  #sharesWhatIsEqual(before: { others: readonly Shown[]; members: readonly Shown[] }): void {
    const earlier = new Map(before.members.map((member) => [member.key, member]));
    for (const member of this.here.members) {
      const same = earlier.get(member.key);
      if (JSON.stringify(same) === JSON.stringify(member)) expect(member).toBe(same);
    }
    const { others } = this.here;
    const isSame =
      others.length === before.others.length &&
      others.every((one, at) => one === before.others[at]);
    expect(others === before.others).toBe(isSame);
  }
}

function byKey<Item extends { key: string }>(items: readonly Item[]): Map<string, Item> {
  expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
  return new Map(items.map((item) => [item.key, item]));
}

/** The devices of others, and a second tab of the client's own member. */
const OTHERS = { tab: ME, a1: "ada", a2: "ada", b1: "bob", c1: "cyd" };

const STEPS: Record<string, (world: World) => void> = {
  "the app sets all": (world) => world.set({ a: world.value("me"), b: world.value("me") }),
  "the app sets a": (world) => world.set({ a: world.value("me") }),
  "the app sets b and c": (world) => world.set({ b: world.value("me"), c: world.value("me") }),
  "the app sets a constant": (world) => world.set({ c: { by: "me", number: 0 } }),
  "the app sets nonsense": (world) => world.set({ a: null }),
  "10 ms": (world) => world.pass(10),
  "50 ms": (world) => world.pass(50),
  "the room takes a frame": (world) => world.take(),
  "the room ends a window": ({ room }) => room.flush({ repeats: false }),
  "the room repeats": ({ room }) => room.flush({ repeats: true }),
  "the room sends a snapshot": ({ room }) => room.sendSnapshot(),
  "the client gets a frame": (world) => world.deliver(),
  "the client gets two frames": (world) => {
    world.deliver();
    world.deliver();
  },
  "the client connects": (world) => world.connect(),
  "the connection is cut": (world) => world.cut({ hasGrace: true }),
  "the connection is cut for long": (world) => world.cut({ hasGrace: false }),
  "the grace ends": ({ room }) => room.endGrace(),
  "bob is shown or hidden": ({ room }) => room.hide("bob"),
};
for (const [id, key] of Object.entries(OTHERS)) {
  STEPS[`${id} comes or goes`] = ({ room }) => {
    if (room.devices.has(id)) room.leave(id, { hasGrace: id !== "c1" });
    else room.join(id, key);
  };
  STEPS[`${id} sets all`] = (world) => {
    world.room.set(id, { a: world.value(id), b: world.value(id) });
  };
  STEPS[`${id} sets a and c`] = (world) => {
    world.room.set(id, { a: world.value(id), c: world.value(id) });
  };
}

describe("the members of a room, whatever happens", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    // A listener's failed expectation is reported here.
    vi.stubGlobal("reportError", (error: unknown) => failures.push(error));
    failures.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const failures: unknown[] = [];

  it("are those of the room at rest, and no join or leave is reported twice", () => {
    const steps = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 80 });
    fc.assert(
      fc.property(fc.tuple(steps, steps), (both) => {
        const world = new World();
        for (const names of both) {
          for (const name of names) {
            STEPS[name]!(world);
            if (failures.length > 0) throw failures.pop();
          }
          world.settle();
          world.compare();
          if (failures.length > 0) throw failures.pop();
        }
      }),
      { numRuns: cases(1_000) },
    );
  });
});
