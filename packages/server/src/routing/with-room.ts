import { normalizeRoomName } from "@partyflare/shared";

/** Where a room may live. */
export interface RoomOptions {
  /**
   * Where a room that does not exist yet should be created, as a wish.
   * https://developers.cloudflare.com/durable-objects/reference/data-location/
   */
  locationHint?: DurableObjectLocationHint;
  /** Where a room must stay. The same name in another jurisdiction is another room. */
  jurisdiction?: DurableObjectJurisdiction;
}

/**
 * The stub of a room, by name.
 *
 * @throws PartyError `invalid` for an illegal name.
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
