"use client";

export { useCall } from "./use-call";
export type { UseCallResult } from "./use-call";
export { useEvent } from "./use-event";
export { usePartySocket } from "./use-party-socket";
export type { UsePartySocketOptions } from "./use-party-socket";
export { useRoom } from "./use-room";
export type { UseRoomOptions } from "./use-room";
export { useStatus } from "./use-status";
