"use client";

export { usePartySocket } from "./use-party-socket";
export type { UsePartySocketOptions } from "./use-party-socket";
