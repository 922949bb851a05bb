import type { Room } from "../src/room/room";
import { useShared } from "../src/react/use-shared";
import type { poll } from "./shared-host";
import { rendered, Shown } from "./test-page";

export function Whole({ room }: { room: Room<typeof poll> }) {
  const value = useShared(room);
  return <Shown as="whole" text={value ? `${value.phase} ${value.count}` : "nothing"} />;
}

export function Count({ room }: { room: Room<typeof poll> }) {
  return <Shown as="count" text={String(useShared(room, ({ count }) => count))} />;
}

export function Voters({ room, mark = "" }: { room: Room<typeof poll>; mark?: string }) {
  const voters = useShared(room, ({ votes }) => Object.keys(votes).map((by) => by + mark));
  return <Shown as="voters" text={voters?.join() ?? "nothing"} />;
}

export function All({ room }: { room: Room<typeof poll> }) {
  return (
    <>
      <Whole room={room} />
      <Count room={room} />
      <Voters room={room} />
    </>
  );
}

/** How often each component has rendered. */
export const renders = (): Record<string, number> =>
  Object.fromEntries(Object.entries(rendered).map(([as, all]) => [as, all.length]));
