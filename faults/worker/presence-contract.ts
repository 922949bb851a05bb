import { defineContract, type Schema, type } from "@partyflare/shared";

/** The teams, which are also the tags: with `visible`, a viewer sees the teams of its tags. */
export const TEAMS = ["red", "green", "blue"] as const;
export type Team = (typeof TEAMS)[number];

/** Who a connection is. A connection whose `user` is empty is no member. */
export interface Person {
  readonly user: string;
  readonly name: string;
  readonly team: Team;
}

/** The data that a client shares about itself. */
export interface Shared {
  readonly cursor: number;
  /** Whether `visible` hides the member. */
  readonly isHidden: boolean;
  readonly note?: string;
}

/** What rooms with presence, and their clients, exchange. */
export const crowd = defineContract({
  /** The client sends it on every connection that it has. */
  fromClient: { here: type<null>() },
  calls: {
    /** Changes the connection's state and tags. */
    become: { input: type<{ person: Person; tags: Team[] }>(), output: type<null>() },
    /** Does nothing. It wakes the room. */
    poke: { output: type<null>() },
  },
  presence: sharedSchema(),
  tags: TEAMS,
  state: type<Person & { readonly visit: string }>(),
});

function sharedSchema(): Schema<Shared> {
  return {
    "~standard": {
      version: 1,
      vendor: "partyflare-faults",
      validate(value) {
        const { cursor, isHidden, note = "" } = value as Partial<Record<keyof Shared, unknown>>;
        const isValid =
          typeof cursor === "number" && typeof isHidden === "boolean" && typeof note === "string";
        return isValid
          ? { value: value as Shared }
          : { issues: [{ message: "This is nonsense." }] };
      },
    },
  };
}
