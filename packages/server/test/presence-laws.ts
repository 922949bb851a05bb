import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { vi } from "vitest";
import type { PresenceScript, PresenceTestRoom, TestMember } from "./presence-party";
import { Viewer } from "./presence-viewer";
import type { TestRoom } from "./rooms";
import type { TestSocket } from "./test-socket";

type Slot = number;

/** What happens in a room. A step of a connection that is not there does nothing. */
export type Step =
  | { kind: "join"; slot: Slot; user: string; name: string; role: string; asks: boolean }
  | { kind: "joinRaw"; slot: Slot; user: string }
  | { kind: "close" | "with" | "expire"; slot: Slot }
  /** The host closes one connection in a message of another. */
  | { kind: "end"; slot: Slot; other: Slot }
  | { kind: "set"; slot: Slot; sets: object[] }
  /** Sets of two connections, which fall into one window. */
  | { kind: "setBoth"; slot: Slot; other: Slot; first: object; second: object }
  | { kind: "become"; slot: Slot; changes: { user?: string; name?: string; role?: string } }
  | { kind: "tag"; slot: Slot; tags: string[] }
  | { kind: "wait"; ms: number }
  | { kind: "sleep" };

/** With plain objects: the report of a failure can be copied. */
const PLAIN = { noNullPrototype: true } as const;

function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, PLAIN);
}

const slot = fc.nat({ max: 4 });
/** `who` returns null for "". */
const user = fc.constantFrom("ada", "bob", "cy", "dee", "");
const joining = fc.constantFrom("ada", "ada", "bob", "cy", "dee", "");
/** A name that begins with `_` hides its member from viewers without a role. */
const name = fc.constantFrom("N", "M", "_H");
const role = fc.constantFrom("", "", "host");
const point = record({ x: fc.nat({ max: 3 }), y: fc.constant(0) });
const fields = fc.oneof(
  { weight: 4, arbitrary: record({ cursor: point, typing: fc.boolean() }) },
  { weight: 3, arbitrary: record({ cursor: fc.option(point) }) },
  { weight: 2, arbitrary: record({ typing: fc.boolean() }) },
  { weight: 1, arbitrary: record({ note: fc.constantFrom("a", "é".repeat(1_100)) }) },
  { weight: 1, arbitrary: fc.constantFrom<object>({ typing: "no" }, { unknown: 1 }, {}) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: record({
      kind: fc.constant("join" as const),
      slot,
      user: joining,
      name,
      role,
      asks: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: record({ kind: fc.constant("joinRaw" as const), slot, user }) },
  {
    weight: 4,
    arbitrary: record({
      kind: fc.constantFrom("close" as const, "close" as const, "with" as const, "expire" as const),
      slot,
    }),
  },
  { weight: 1, arbitrary: record({ kind: fc.constant("end" as const), slot, other: slot }) },
  {
    weight: 5,
    arbitrary: record({
      kind: fc.constant("set" as const),
      slot,
      sets: fc.array(fields, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      kind: fc.constant("setBoth" as const),
      slot,
      other: slot,
      first: fields,
      second: fields,
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      kind: fc.constant("become" as const),
      slot,
      changes: fc.record({ user, name, role }, { ...PLAIN, requiredKeys: [] }),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      kind: fc.constant("tag" as const),
      slot,
      tags: fc.constantFrom<string[]>(["sees"], []),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(5, 60) }),
  },
  { weight: 2, arbitrary: record({ kind: fc.constant("sleep" as const) }) },
);

export const schedules = fc.array(step, { minLength: 1, maxLength: 25 });

/** The options that a run may have. */
export interface Rules {
  readonly isFiltered?: boolean;
  readonly maxListed?: number;
  readonly graceMs?: number;
  readonly windowMs?: number;
}

interface Eyes {
  readonly state: { readonly role: string };
  readonly tags: readonly string[];
}

function mayWatch({ info }: TestMember, { state, tags }: Eyes): boolean {
  return !info.name.startsWith("_") || state.role === "host" || tags.includes("sees");
}

/** One room and its clients, and what has to be true of them at rest. */
export class PresenceLaws {
  readonly #rules: Rules;
  readonly #graceMs: number;
  /** The hooks in order: `+key` and `-key`. */
  readonly #hooks: string[] = [];
  readonly #errors: unknown[] = [];
  readonly #viewers = new Map<Slot, Viewer>();
  readonly #raws = new Map<Slot, TestSocket>();
  /** Every viewer of the run, and whether it was ever allowed to see all. */
  readonly #all: { viewer: Viewer; slot: Slot; sawAll: boolean }[] = [];

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#graceMs = rules.graceMs ?? 25;
  }

  get script(): PresenceScript {
    const { isFiltered = false, maxListed = 500, windowMs = 20 } = this.#rules;
    return {
      graceMs: this.#graceMs,
      maxListed,
      windowMs,
      who: ({ state }) => (state.user === "" ? null : { key: state.user, name: state.name }),
      ...(isFiltered && { visible: mayWatch }),
      onJoin: ({ key }) => void this.#hooks.push(`+${key}`),
      onLeave: ({ key }) => void this.#hooks.push(`-${key}`),
      onError: (error) => void this.#errors.push(error),
    };
  }

  async run(room: TestRoom<PresenceTestRoom>, steps: readonly Step[]): Promise<void> {
    for (const each of steps) await this.#do(room, each);
  }

  async #do(room: TestRoom<PresenceTestRoom>, each: Step): Promise<void> {
    const viewer = "slot" in each ? this.#open(each.slot) : undefined;
    const send = async (socket: Viewer["socket"] | undefined, ...frame: unknown[]) => {
      await socket?.sendFrame(...frame).catch(ignoreClosed);
    };
    switch (each.kind) {
      case "join": {
        const { slot: at, kind: _kind, ...who } = each;
        const joined = await Viewer.join(room, { ...who, id: `c${at}` });
        this.#viewers.set(at, joined);
        this.#raws.delete(at);
        return void this.#all.push({ viewer: joined, slot: at, sawAll: who.role === "host" });
      }
      case "joinRaw":
        this.#viewers.delete(each.slot);
        this.#raws.set(
          each.slot,
          await room.connect(`?_pk=c${each.slot}&user=${each.user}&name=N`),
        );
        return;
      case "close":
        this.#viewers.delete(each.slot);
        return viewer?.socket.close(1000).catch(ignoreClosed);
      case "with":
        return send(viewer?.socket, "$with", "presence");
      case "expire":
        return send(viewer?.socket, "expire");
      case "end":
        return send(viewer?.socket, "end", `c${each.other}`);
      case "set":
        return viewer && attempt(() => viewer.setAll(each.sets));
      case "setBoth": {
        const other = this.#open(each.other);
        return attempt(() => {
          viewer?.setAll([each.first]);
          other?.setAll([each.second]);
          viewer?.setAll([each.second]);
        });
      }
      case "become":
        if (each.changes.role === "host") this.#sawAll(each.slot);
        return send(viewer?.socket, "become", each.changes);
      case "tag":
        if (each.tags.length > 0) this.#sawAll(each.slot);
        return send(viewer?.socket, "tag", each.tags);
      case "wait":
        return scheduler.wait(each.ms);
      case "sleep":
        return room.sleep();
      default:
        return each satisfies never;
    }
  }

  #open(at: Slot): Viewer | undefined {
    const viewer = this.#viewers.get(at);
    return viewer?.socket.isClosed ? undefined : viewer;
  }

  #sawAll(at: Slot): void {
    for (const each of this.#all) if (each.slot === at) each.sawAll = true;
  }

  /** Waits until all laws hold. */
  async rest(room: TestRoom<PresenceTestRoom>, timeout: number): Promise<void> {
    await this.#handled();
    await vi.waitFor(() => this.#check(room), { timeout, interval: 10 });
    // It stays so, also over a sleep.
    const before = await membersOf(room);
    await room.sleep();
    const after = await membersOf(room);
    same(after.members, before.members, "the room's members after a sleep");
    await vi.waitFor(() => this.#check(room), { timeout, interval: 10 });
  }

  /** Waits until the room has handled all messages: it answers the last of each client. */
  async #handled(): Promise<void> {
    for (const viewer of this.#viewers.values()) {
      const { length } = viewer.errors;
      await viewer.socket.sendFrame("$with", "nothing").catch(ignoreClosed);
      await viewer.until(() => viewer.socket.isClosed || viewer.errors.slice(length).some(isLast));
    }
  }

  async #check(room: TestRoom<PresenceTestRoom>): Promise<void> {
    const { members, connections } = await membersOf(room);
    same(this.#errors, [], "errors");
    const joined = new Set<string>();
    for (const hook of this.#hooks) {
      const key = hook.slice(1);
      if (joined.has(key) === hook.startsWith("+")) throw new Error(`Hooks: ${this.#hooks.join()}`);
      if (hook.startsWith("+")) joined.add(key);
      else joined.delete(key);
    }
    same([...joined].toSorted(), members.map(({ key }) => key).toSorted(), "joined");
    if (members.some(({ devices }) => devices.length === 0)) throw new Error("in grace");
    const sockets = [
      ...this.#raws,
      ...Array.from(this.#viewers, ([at, { socket }]) => [at, socket] as const),
    ];
    const open = sockets.flatMap(([at, { isClosed }]) => (isClosed ? [] : [`c${at}`]));
    same(open.toSorted(), connections.map(({ id }) => id).toSorted(), "open");
    for (const raw of this.#raws.values()) same(raw.received, [], "raw");
    for (const [at, viewer] of this.#viewers) {
      if (viewer.socket.isClosed) continue;
      const own = connections.find(({ id }) => id === `c${at}`);
      if (!own) throw new Error(`c${at} is open and not listed.`);
      if (viewer.told.length === 0) continue;
      this.#checkViewer(viewer, own, members);
    }
    for (const { viewer, sawAll } of this.#all) {
      const leak = viewer.socket.received.join("\n").includes('"_H"');
      const isOwn = viewer.hidden;
      if (this.#rules.isFiltered && leak && !sawAll && !isOwn) throw new Error("A leak.");
      // Nobody is told that a member left who has not.
      if (this.#rules.isFiltered || this.#rules.maxListed !== undefined) continue;
      for (const key of ["ada", "bob", "cy", "dee"]) {
        const told = viewer.told.filter((one) => one === `-${key}`).length;
        const left = this.#hooks.filter((one) => one === `-${key}`).length;
        if (told > left) throw new Error(`-${key} ${told} times: it left ${left} times.`);
      }
    }
  }

  #checkViewer(viewer: Viewer, own: Eyes & { me: string | null }, members: TestMember[]): void {
    const { maxListed = 500, isFiltered = false } = this.#rules;
    const mayBeSeen = members.filter(
      (member) => !isFiltered || member.key === own.me || mayWatch(member, own),
    );
    const listed = members.slice(0, maxListed).map(({ key }) => key);
    const shown = mayBeSeen.filter(({ key }) => key === own.me || listed.includes(key));
    const expected = {
      me: own.me,
      size: mayBeSeen.length,
      partial: isFiltered ? shown.length < mayBeSeen.length : members.length > maxListed,
      members: shown.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    };
    const { me, size, partial } = viewer;
    same({ me, size, partial, members: viewer.shown }, expected, "a viewer");
  }
}

async function membersOf(room: TestRoom<PresenceTestRoom>) {
  return runInDurableObject(room.stub, (party) =>
    structuredClone({
      members: [...party.presence.members],
      connections: party.getConnections().map(({ id, state, tags }) => {
        return { id, state, tags, me: state.user === "" ? null : state.user };
      }),
    }),
  );
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value, byName));
  if (is !== should) throw new Error(`${what}: ${is}\nexpected ${should}`);
}

/** The order of fields says nothing. */
function byName(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isLast(error: unknown): boolean {
  return JSON.stringify(error).includes('"nothing\\"');
}

function ignoreClosed(error: unknown): void {
  if (!String(error).includes("after close")) throw error;
}

function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    ignoreClosed(error);
  }
}
