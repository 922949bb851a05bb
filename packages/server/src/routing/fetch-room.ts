import { parseRoomPath, PartyError } from "@partyflare/shared";
import { logError } from "../log";
import { refuse } from "../refusal";
import { findNamespace, type Parties } from "./namespaces";
import { type RoomOptions, roomStub } from "./with-room";

/** How `Party.fetchRoomForRequest` finds a room. */
export interface FetchRoomOptions extends RoomOptions {
  /** The path before `/:party/:room`, with or without slashes around. Default: `parties`. */
  prefix?: string;
  /**
   * Which parties can be reached: the names of their bindings, or a record of names and
   * namespaces. Default: every Durable Object binding, so name them where there are others.
   */
  parties?: Parties;
}

/** See `Party.fetchRoomForRequest`. */
export function fetchRoom(
  request: Request,
  env: object,
  options: FetchRoomOptions = {},
): Promise<Response> | null {
  let namespace: DurableObjectNamespace | null = null;
  const isParty = (party: string) => {
    namespace = findNamespace(env, party, options.parties);
    return namespace !== null;
  };
  try {
    const { pathname } = new URL(request.url);
    const address = parseRoomPath(pathname, { prefix: options.prefix, isParty });
    if (address === null || namespace === null) return null;
    return forward(roomStub(namespace, address.room, options), request);
  } catch (error) {
    if (!(error instanceof PartyError)) throw error;
    return Promise.resolve(refuse(request, error));
  }
}

/** What a room throws instead of answering is for the log, and never for the client. */
async function forward(stub: DurableObjectStub, request: Request): Promise<Response> {
  try {
    return await stub.fetch(request);
  } catch (error) {
    logError("the room did not answer", error);
    return refuse(request, new PartyError("internal"));
  }
}
