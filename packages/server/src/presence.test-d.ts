import { defineContract, type } from "@partyflare/shared";
import { type Contract, type Member, Party, type Presence, presence } from "./index";

const board = defineContract({
  presence: type<{ cursor: { x: number; y: number } | null }>(),
  member: type<{ name: string }>(),
  state: type<{ user: string; name: string }>(),
});

class Board extends Party.for(board) {
  readonly presence = this.use(
    presence({
      who: ({ state }) => ({ key: state.user, name: state.name }),
      visible: (member, viewer) => member.info.name !== viewer.state.name,
      list: (members) => members.slice(0, 10),
      onLeave: ({ presence: last }) => void last?.cursor?.x,
    }),
  );

  names(): string[] {
    const first: Member<typeof board> | undefined = this.presence.members[0];
    // @ts-expect-error -- it may not have sent any
    const cursor = first?.presence.cursor;
    // @ts-expect-error -- the contract's presence has no such field
    const typing = this.presence.get("ada")?.presence?.typing;
    // @ts-expect-error -- it cannot be changed
    this.presence.members.push(first);
    return [String(cursor), String(typing), ...this.presence.members.map(({ info }) => info.name)];
  }
}

class WithoutName extends Party.for(board) {
  // @ts-expect-error -- the contract's member has a name
  readonly presence = this.use(presence({ who: ({ state }) => ({ key: state.user }) }));
}

class WithNumber extends Party.for(board) {
  // @ts-expect-error -- the name is text
  readonly presence = this.use(presence({ who: () => ({ key: "ada", name: 1 }) }));
}

class WithOtherState extends Party.for(board) {
  // @ts-expect-error -- the state has no such field
  readonly presence = this.use(presence({ who: ({ state }) => ({ name: state.nick }) }));
}

class WithPromise extends Party.for(board) {
  // @ts-expect-error -- it is synchronous
  readonly presence = this.use(presence({ who: async ({ state }) => ({ name: state.name }) }));
}

class WithoutWho extends Party.for(board) {
  // @ts-expect-error -- the contract has `member`, which `who` returns
  readonly presence = this.use(presence());
}

class WithOtherOptions extends Party.for(board) {
  // @ts-expect-error -- nor do other options make `who` unnecessary
  readonly presence = this.use(presence({ graceMs: 0 }));
}

class WithUndefined extends Party.for(board) {
  // @ts-expect-error -- it has to be a function
  readonly presence = this.use(presence({ who: undefined }));
}

/** A contract in which members have no public data. */
const cursors = defineContract({
  presence: type<{ x: number }>(),
  state: type<{ user: string }>(),
});

class Cursors extends Party.for(cursors) {
  readonly presence = this.use(
    presence({ who: ({ state }) => ({ key: state.user satisfies string }), graceMs: 0 }),
  );
}

class Nameless extends Party.for(cursors) {
  readonly presence = this.use(presence({ list: (members) => members.slice(0, 10) }));
}

class Hidden extends Party.for(cursors) {
  readonly presence = this.use(presence({ who: () => null }));
}

/** A helper of an app's own, generic over contracts. */
export function peopleIn<C extends Contract>(party: Party<unknown, C>): Presence<C> {
  return party.use(presence<C>({ who: () => null }));
}

class Plain extends Party {
  readonly presence = this.use(presence());

  keys(): string[] {
    return this.presence.members.map(({ key }) => key);
  }
}

export const classes = [
  Board,
  Cursors,
  Hidden,
  Nameless,
  Plain,
  WithNumber,
  WithOtherOptions,
  WithOtherState,
  WithPromise,
  WithUndefined,
  WithoutName,
  WithoutWho,
];
