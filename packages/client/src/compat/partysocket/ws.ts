export { ReconnectingWebSocket as default } from "./reconnecting-web-socket";
export { CloseEvent, ErrorEvent } from "./events";
export type { WebSocketEventMap } from "./events";
export type { Message, Options, ProtocolsProvider, UrlProvider } from "./options";
