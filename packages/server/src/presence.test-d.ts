import { defineContract, type } from "@partyflare/shared";
import { type Member, Party, presence } from "./index";

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

class Plain extends Party {
  readonly presence = this.use(presence());

  keys(): string[] {
    return this.presence.members.map(({ key }) => key);
  }
}

export type All = Board | Plain | WithNumber | WithOtherState | WithoutName | WithPromise;
export const classes = [Board, Plain, WithNumber, WithOtherState, WithoutName, WithPromise];
