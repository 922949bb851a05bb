"use client";

export { useCall } from "./use-call";
export type { UseCallResult } from "./use-call";
export { useEvent } from "./use-event";
export { useHistory } from "./use-history";
export type { UseHistoryResult } from "./use-history";
export type {
  EventListOptions,
  EventListState,
  ListedEvent,
} from "../capabilities/history/event-list";
export { useLatest } from "./use-latest";
export { useOthers } from "./use-others";
export { usePartySocket } from "./use-party-socket";
export type { UsePartySocketOptions } from "./use-party-socket";
export { usePresence } from "./use-presence";
export type { UsePresenceResult } from "./use-presence";
export type {
  Presence,
  PresenceFields,
  PresenceOptions,
  PresenceState,
} from "../capabilities/presence/presence";
export type { Member, MemberDevice } from "../capabilities/presence/member";
export { useRoom } from "./use-room";
export type { UseRoomOptions } from "./use-room";
export { useShared, useSharedStatus } from "./use-shared";
export { useStatus } from "./use-status";
