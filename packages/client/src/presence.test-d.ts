/** Presence: code that must compile, and code that must not. Checked by `tsc`. */
import { defineContract, type Schema, type } from "@partyflare/shared";
import { type Contract, type Member, presence, type Presence, type Room } from "./index";
import { useOthers, usePresence } from "./react";

interface Point {
  x: number;
  y: number;
}

const board = defineContract({
  presence: type<{ cursor: Point | null; typing: boolean; label?: string }>(),
  member: type<{ name: string; color?: string }>(),
});
const plain = defineContract({ fromServer: { said: type<string>() } });

export function typedPresence(room: Room<typeof board>): void {
  const here = presence(room, { initial: { cursor: null, typing: false }, windowMs: 100 });
  here satisfies Presence<typeof board>;
  presence(room, {});
  presence(room, { initial: undefined });
  // @ts-expect-error -- not a field of the contract
  presence(room, { initial: { cursor: null, typing: false, name: "Ada" } });
  // @ts-expect-error -- the unit is in the name
  presence(room, { window: 100 });
  // @ts-expect-error -- it takes a room
  presence({ party: "board", room: "lobby" });

  here.set({ typing: true });
  here.set({ typing: undefined, cursor: { x: 1, y: 1 } });
  here.set({});
  // @ts-expect-error -- typing is a boolean
  here.set({ typing: 1 });
  // @ts-expect-error -- not a field of the contract
  here.set({ name: "Ada" });
  // @ts-expect-error -- a point has both
  here.set({ cursor: { x: 1 } });
  // @ts-expect-error -- it may be null, but typing may not
  here.set({ typing: null });

  here.me satisfies Member<typeof board> | undefined;
  // @ts-expect-error -- there is no member before the first snapshot
  here.me.key satisfies string;
  here.me?.presence?.typing satisfies boolean | undefined;
  here.size satisfies number;
  here.isPartial satisfies boolean;
  for (const { key, info, presence, devices } of here.others) {
    key satisfies string;
    info.name satisfies string;
    info.color satisfies string | undefined;
    presence?.cursor?.x satisfies number | undefined;
    devices[0]?.presence?.typing satisfies boolean | undefined;
    devices[0]?.id satisfies string | undefined;
    // @ts-expect-error -- it is undefined until a device has set data
    presence.typing satisfies boolean;
    // @ts-expect-error -- the server's data has no such field
    info.typing satisfies boolean;
  }
  // @ts-expect-error -- the list is read only
  here.members.push(here.others[0]);
  // @ts-expect-error -- so is a member
  here.others[0]!.key = "ada";
  // @ts-expect-error -- only `set` changes it
  here.size = 1;

  const stop = here.on("join", ({ info }) => info.name satisfies string);
  stop() satisfies void;
  here.subscribe(() => {})() satisfies void;
  // @ts-expect-error -- not an event of presence
  here.on("move", () => {});
}

export function typedHooks(room: Room<typeof board>): string[] {
  const { me, others, members, size, isPartial, set } = usePresence(room, {
    initial: { cursor: null, typing: false },
  });
  [me, ...others, ...members] satisfies (Member<typeof board> | undefined)[];
  [size, isPartial] satisfies [number, boolean];
  set({ cursor: null });
  // @ts-expect-error -- not a field of the contract
  set({ name: "Ada" });
  useOthers(room) satisfies readonly Member<typeof board>[];
  useOthers(room, (all) => all.length) satisfies number;
  useOthers(
    room,
    (all) => ({ count: all.length }),
    (one, other) => one.count === other.count,
  ).count satisfies number;
  // @ts-expect-error -- there is no such field
  useOthers(room, (all) => all.map(({ info }) => info.nickname));
  return useOthers(room, (all) => all.map(({ info }) => info.name));
}

/** Without presence in its contract, a client lists members and shares nothing. */
export function plainPresence(room: Room<typeof plain>): void {
  const here = presence(room);
  here.others[0]?.info.name satisfies unknown;
  // @ts-expect-error -- the contract has no presence
  here.set({ typing: true });
  // @ts-expect-error -- the contract has no presence
  presence(room, { initial: { typing: true } });
}

interface Typing extends Contract {
  readonly presence: Schema<{ typing: boolean }>;
}

/** A helper of an app's own, generic over contracts. */
export function countTyping<C extends Typing>(room: Room<C>): number {
  return presence(room).others.filter(({ presence }) => presence?.typing).length;
}
