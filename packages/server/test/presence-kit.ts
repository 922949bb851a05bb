import { describePresenceRooms, type SteppedRoom } from "./rooms";
import type { PresenceScript, PresenceTestRoom, TestMember } from "./presence-party";
import type { ViewerOptions } from "./presence-viewer";

/** A room with presence, and the members that it has itself, in the order of their keys. */
export interface PresenceKit {
  readonly room: SteppedRoom<PresenceTestRoom>;
  members(): Promise<TestMember[]>;
  /** Joins a real client, which subscribes to presence. */
  join(options: ViewerOptions): Promise<PresenceClient>;
}

/** A real client, and what it is shown. */
type PresenceClient = Awaited<ReturnType<typeof joinRoom>>;

/** `describePresenceRooms` for real clients. */
export function describePresenceKit(
  title: string,
  tests: (open: (script?: PresenceScript) => Promise<PresenceKit>) => void,
  kinds: Parameters<typeof describePresenceRooms>[2] = "all",
) {
  const withKit: Parameters<typeof describePresenceRooms>[1] = (open) =>
    tests(async (script) => {
      const room = await open(script).kit();
      return {
        room,
        join: async (options) => joinRoom(room, options),
        members: async () =>
          room.run((party) => byKey(structuredClone([...party.presence.members]))),
      };
    });
  describePresenceRooms(title, withKit, kinds);
}

async function joinRoom(
  room: SteppedRoom<PresenceTestRoom>,
  { user, id = user, name = user, role = "" }: ViewerOptions,
) {
  const client = await room.join({ id, query: { user, name, role }, subscribe: ["presence"] });
  const keys = () => client.presence.members.map(({ key }) => key).toSorted();
  const added = {
    keys,
    get: (key: string) => client.presence.members.find((member) => member.key === key),
    shown: () => byKey([...client.presence.members]),
    untilKeys: async (...wanted: string[]) => {
      await client.waitUntil(() => keys().join() === wanted.toSorted().join());
    },
    set: async (fields: Parameters<typeof client.presence.set>[0]) => {
      client.presence.set(fields);
      await room.step();
    },
  };
  await room.step();
  return Object.assign(client, added);
}

function byKey<Item extends { key: string }>(members: Item[]): Item[] {
  return members.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
