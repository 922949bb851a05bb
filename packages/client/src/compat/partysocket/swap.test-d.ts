import type * as theirIndex from "partysocket";
import type { PartyFetchOptions, PartySocketOptions } from "partysocket";
import type * as theirReact from "partysocket/react";
import type theirUseWebSocket from "partysocket/use-ws";
import type * as theirWs from "partysocket/ws";
import type { Options, UrlProvider } from "partysocket/ws";
import { expectTypeOf } from "vitest";
import type * as ourIndex from "./index";
import type * as ourReact from "./react";
import type ourUseWebSocket from "./use-ws";
import type * as ourWs from "./ws";

type Theirs = theirIndex.default;
type Ours = ourIndex.default;

// Everything that partysocket's entries export is there.
expectTypeOf<keyof typeof theirIndex>().toExtend<keyof typeof ourIndex>();
expectTypeOf<keyof typeof theirReact>().toExtend<keyof typeof ourReact>();
expectTypeOf<keyof typeof theirWs>().toExtend<keyof typeof ourWs>();

// Options of partysocket are taken.
expectTypeOf<PartySocketOptions>().toExtend<ConstructorParameters<typeof ourIndex.default>[0]>();
expectTypeOf<PartyFetchOptions>().toExtend<Parameters<typeof ourIndex.default.fetch>[0]>();
expectTypeOf<[UrlProvider, string[], Options]>().toExtend<
  ConstructorParameters<typeof ourIndex.WebSocket>
>();
expectTypeOf<Parameters<typeof theirReact.usePartySocket>>().toExtend<
  Parameters<typeof ourReact.usePartySocket>
>();
expectTypeOf<Parameters<typeof theirUseWebSocket>>().toExtend<Parameters<typeof ourUseWebSocket>>();

// Sockets have every member, and most can stand where partysocket's type is written.
expectTypeOf<keyof Theirs>().toExtend<keyof Ours>();
type Public = Omit<Theirs, "addEventListener" | "removeEventListener">;
expectTypeOf<Ours>().toExtend<Public>();

// Handlers that are written for partysocket are taken.
declare const ours: Ours;
ours.addEventListener("close", (event: theirWs.CloseEvent) => void event.code);
ours.addEventListener("error", (event: theirWs.ErrorEvent) => void event.message);
ours.addEventListener("message", (event: MessageEvent<string>) => void event.data.length);
ours.addEventListener("open", { handleEvent: () => {} });
