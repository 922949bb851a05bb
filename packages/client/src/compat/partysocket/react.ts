"use client";

export { usePartySocket, usePartySocket as default } from "./use-party-socket";
export type { UsePartySocketOptions } from "./use-party-socket";
export { useWebSocket } from "./use-web-socket";
export type { UseWebSocketOptions } from "./use-web-socket";
export type { EventHandlerOptions, SocketOptions } from "./held-socket";
