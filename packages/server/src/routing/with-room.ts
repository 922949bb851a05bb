import { normalizeRoomName } from "@partyflare/shared";

/** Options for the location of a room. */
export interface RoomOptions {
  /**
   * The preferred location of a room that does not exist yet.
   * https://developers.cloudflare.com/durable-objects/reference/data-location/
   */
  locationHint?: DurableObjectLocationHint;
  /**
   * The jurisdiction that the room must stay in. The same name in another jurisdiction is another
   * room.
   */
  jurisdiction?: DurableObjectJurisdiction;
}

/**
 * Returns the stub of a room, by name.
 *
 * @throws PartyError `invalid` if the name is illegal.
 */
export function roomStub<Room extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<Room>,
  room: string,
  { locationHint, jurisdiction }: RoomOptions = {},
): DurableObjectStub<Room> {
  const name = normalizeRoomName(room);
  const rooms = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  return rooms.get(rooms.idFromName(name), locationHint === undefined ? {} : { locationHint });
}
