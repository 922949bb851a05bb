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
export { usePartySocket } from "./use-party-socket";
export type { UsePartySocketOptions } from "./use-party-socket";
export { useRoom } from "./use-room";
export type { UseRoomOptions } from "./use-room";
export { useStatus } from "./use-status";
