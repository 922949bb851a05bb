export { PartySocket, PartySocket as default } from "./party-socket";
export type { PartyFetchOptions, PartySocketOptions } from "./options";
export {
  ReconnectingWebSocket,
  ReconnectingWebSocket as WebSocket,
} from "./reconnecting-web-socket";
