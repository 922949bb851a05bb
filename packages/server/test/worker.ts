import { DurableObject } from "cloudflare:workers";
import { Party } from "../src/index";

export { DurableInMemoryRoom, DurableRoom } from "./durable-party";
export { PresenceHibernatingRoom, PresenceHistoryRoom, PresenceTestRoom } from "./presence-party";
export { KitInMemoryRoom, KitRoom, KitUnbatchedRoom } from "./kit-party";
export { KvHistoryRoom, KvOnceRoom, KvPlainRoom, KvTimedRoom } from "./kv-parties";
export { SeamAlarmRoom, SeamInMemoryRoom, SeamRoom } from "./seam-party";
export { SharedHibernatingRoom, SharedTestRoom, SharedUnbatchedRoom } from "./shared-party";

export {
  BatchedInMemoryRoom,
  BatchedRoom,
  HibernatingTypedRoom,
  InMemoryTypedRoom,
  UnbatchedRoom,
} from "./typed-parties";
export {
  BareRoom,
  HibernatingRoom,
  ImpatientRoom,
  InMemoryRoom,
  StrictInMemoryRoom,
  StrictRoom,
} from "./parties";

/** A Durable Object beside the parties, as apps have them. */
export class NotAParty extends DurableObject {
  override fetch() {
    return new Response("not a party");
  }
}

export default {
  fetch(request, env) {
    return Party.fetchRoomForRequest(request, env) || new Response("Not Found", { status: 404 });
  },
} satisfies ExportedHandler<Cloudflare.Env>;
