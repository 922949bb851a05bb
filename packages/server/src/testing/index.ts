export { openRoom } from "./open-room";
export type { OpenRoomOptions } from "./open-room";
export type { SeenClose } from "./base-client";
export type { Received } from "./journal";
export type { WaitOptions } from "./patience";
export type { RawClient, RawJoinOptions } from "./raw-client";
export type { JoinOptions, TestClient } from "./test-client";
export type { ContractOf, TestRoom } from "./test-room";
