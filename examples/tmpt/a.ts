import { PartySocket } from "@partyflare/client";
declare const socket: PartySocket;
export const plain: WebSocket = socket;
