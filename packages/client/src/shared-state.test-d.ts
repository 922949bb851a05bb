/** Shared state: code that must compile, and code that must not. Checked by `tsc`. */
import { defineContract, type Schema, type } from "@partyflare/shared";
import {
  type Contract,
  type Room,
  sharedState,
  type SharedState,
  type SharedStateOptions,
  type SharedStatus,
} from "./index";
import { useShared } from "./react";

interface Task {
  id: string;
  text: string;
  label?: string;
}

const poll = defineContract({
  shared: type<{ phase: "open" | "closed"; votes: Record<string, number>; tasks: Task[] }>(),
  calls: {
    vote: { input: type<{ choice: number }>(), output: type<{ total: number }>() },
  },
});
const plain = defineContract({ fromServer: { said: type<string>() } });

export function typedSharedState(room: Room<typeof poll>): void {
  const shared = sharedState(room, { initialValue: { phase: "open", votes: {}, tasks: [] } });
  shared satisfies SharedState<typeof poll>;
  sharedState(room, {});
  sharedState(room, { initialValue: undefined });
  ({}) satisfies SharedStateOptions<typeof poll>;
  // @ts-expect-error -- it is not whole
  sharedState(room, { initialValue: { phase: "open" } });
  // @ts-expect-error -- not a phase
  sharedState(room, { initialValue: { phase: "over", votes: {}, tasks: [] } });
  // @ts-expect-error -- there is no such option
  sharedState(room, { initial: {} });
  // @ts-expect-error -- it takes a room
  sharedState({ party: "poll", room: "lobby" });

  shared.value?.phase satisfies "open" | "closed" | undefined;
  shared.value?.tasks[0]?.label satisfies string | undefined;
  shared.version satisfies number | undefined;
  shared.status satisfies SharedStatus;
  shared.status satisfies "loading" | "live" | "stale";
  // @ts-expect-error -- there is no value before the first snapshot
  shared.value.phase satisfies string;
  // @ts-expect-error -- only the room changes it
  shared.value!.phase = "closed";
  // @ts-expect-error -- nor do entries change
  shared.value!.votes["ada"] = 1;
  // @ts-expect-error -- nor lists
  shared.value!.tasks.push({ id: "a", text: "" });
  // @ts-expect-error -- it is read only
  shared.version = 1;

  const stop = shared.subscribe(({ phase, votes }) => {
    phase satisfies "open" | "closed";
    votes["ada"] satisfies number | undefined;
    // @ts-expect-error -- it may not be there
    votes["ada"] satisfies number;
  });
  stop() satisfies void;
}

export async function typedOptimistic(room: Room<typeof poll>, me: string): Promise<number> {
  const { optimistic } = sharedState(room);
  const { total } = await optimistic(room.call("vote", { choice: 1 }), (value) => ({
    ...value,
    votes: { ...value.votes, [me]: 1 },
  }));
  optimistic(room.call("vote", { choice: 1 }), (value) => ({ ...value, phase: "closed" })).catch(
    ({ code }) => {
      code satisfies string;
      // @ts-expect-error -- there are other codes
      code satisfies "timeout";
    },
  );
  (await optimistic(fetch("/vote"), (value) => value)) satisfies Response;
  // @ts-expect-error -- not a phase
  void optimistic(room.call("vote", { choice: 1 }), (value) => ({ ...value, phase: "over" }));
  // @ts-expect-error -- it returns the whole value
  void optimistic(room.call("vote", { choice: 1 }), () => ({ phase: "open" }));
  // @ts-expect-error -- it is synchronous
  void optimistic(room.call("vote", { choice: 1 }), async (value) => value);
  void optimistic(room.call("vote", { choice: 1 }), (value) => {
    // @ts-expect-error -- it returns a new value
    value.votes[me] = 1;
    return value;
  });
  // @ts-expect-error -- it takes a promise
  optimistic(1, (value) => value);
  return total;
}

export function typedHook(room: Room<typeof poll>): number | undefined {
  useShared(room)?.phase satisfies "open" | "closed" | undefined;
  // @ts-expect-error -- it is undefined before the first snapshot
  useShared(room).phase satisfies string;
  useShared(room, ({ phase }) => phase) satisfies "open" | "closed" | undefined;
  // @ts-expect-error -- so is what is selected
  useShared(room, ({ phase }) => phase) satisfies string;
  useShared(
    room,
    ({ votes }) => ({ count: Object.keys(votes).length }),
    (one, other) => one.count === other.count,
  )?.count satisfies number | undefined;
  // @ts-expect-error -- there is no such key
  useShared(room, ({ members }) => members);
  return useShared(room, ({ tasks }) => tasks.length);
}

/** Without shared state in its contract, a client knows no types. */
export function plainSharedState(room: Room<typeof plain>): unknown {
  const { value } = sharedState(room);
  // @ts-expect-error -- nobody knows what it is
  value?.["phase"] satisfies string;
  return value?.["phase"];
}

interface Counted extends Contract {
  readonly shared: Schema<{ count: number }>;
}

/** A helper of an app's own, generic over contracts. */
export function countOf<C extends Counted>(room: Room<C>): number | undefined {
  return sharedState(room).value?.count;
}
