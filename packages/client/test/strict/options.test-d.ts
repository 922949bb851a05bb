/** What a project with `exactOptionalPropertyTypes` may write. Checked by `tsc`, as packed. */
import {
  type BackoffOptions,
  type CallOptions,
  connect,
  type ConnectOptions,
  type Contract,
  type EmitOptions,
  type HistoryPage,
  type QueueOptions,
  type PartyErrorOptions,
  type PartyFetchOptions,
  PartySocket,
  type PartySocketOptions,
  type PresenceOptions,
  type SharedStateOptions,
} from "@partyflare/client";
import type {
  EventListOptions,
  UsePartySocketOptions,
  UseRoomOptions,
} from "@partyflare/client/react";

/** The names of those that may be left out, and must not be `undefined`. */
type Refusing<Options> = {
  [Name in keyof Options]-?: {} extends Pick<Options, Name>
    ? undefined extends Required<Options>[Name]
      ? never
      : Name
    : never;
}[keyof Options];

type Every = [
  Refusing<BackoffOptions>,
  Refusing<CallOptions>,
  Refusing<ConnectOptions>,
  Refusing<EventListOptions>,
  Refusing<EmitOptions>,
  Refusing<HistoryPage>,
  Refusing<QueueOptions>,
  Refusing<PartyErrorOptions>,
  Refusing<PartyFetchOptions>,
  Refusing<PartySocketOptions>,
  Refusing<PresenceOptions<Contract>>,
  Refusing<SharedStateOptions<Contract>>,
  Refusing<UsePartySocketOptions>,
  Refusing<UseRoomOptions>,
][number];

/** There is none. */
export const refusing = (name: Every): never => name;

export function withWhatThereIs(host?: string, token?: string): PartySocket {
  const where = { host, party: "chat", room: "lobby" };
  connect({ ...where, token }).events("said" as never, { maxBuffered: undefined });
  return new PartySocket({ ...where, token });
}

/** Whatever takes a `WebSocket` takes it. */
export const asWebSocket = (socket: PartySocket): WebSocket => socket;
export const asClass: new (...options: ConstructorParameters<typeof PartySocket>) => WebSocket =
  PartySocket;
