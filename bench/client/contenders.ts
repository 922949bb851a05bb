import { connect, PartySocket } from "@partyflare/client";
import { type } from "@partyflare/shared";
import ReconnectingWebSocket from "partysocket/ws";
import { LocalSocket } from "./line.ts";
import { EVENT, type Shapes } from "./messages.ts";

/** A client that has a connection, and a handler that counts. */
export interface Contender {
  receive(event: MessageEvent<string>): void;
  close(): void;
}

/** The type of what the room sends. */
const contract = { fromServer: { [EVENT]: type<Shapes>() } } as const;

const LOCATION = { host: "room.invalid", party: "board", room: "lobby" };

/** The clients side by side, by their names in the tables. Each calls `handle` with every event. */
export const CONTENDERS: Record<
  string,
  (handle: (data: Shapes) => void) => Contender | Promise<Contender>
> = {
  "JSON.parse alone": (handle) => {
    const socket = new LocalSocket("wss://room.invalid");
    socket.addEventListener("message", handWritten(handle));
    return { receive: (event) => socket.receive(event), close: () => socket.close() };
  },
  partysocket: (handle) =>
    connected((WebSocket) => {
      const socket = new ReconnectingWebSocket("wss://room.invalid", [], { WebSocket });
      socket.addEventListener("message", handWritten(handle));
      return socket;
    }),
  PartySocket: (handle) =>
    connected((WebSocket) => {
      const socket = new PartySocket({ ...LOCATION, WebSocket });
      socket.addEventListener("message", handWritten(handle));
      return socket;
    }),
  connect: async (handle) => {
    const contender = await connected((WebSocket) => {
      const room = connect<typeof contract>({ ...LOCATION, WebSocket });
      room.on(EVENT, handle);
      return room;
    });
    const hello = '["$hello",{"id":"ada","room":"lobby"}]';
    contender.receive(new MessageEvent("message", { data: hello }));
    return contender;
  },
};

/** The least that a client can do: parse, look up, call. Without a check of any kind. */
function handWritten(handle: (data: Shapes) => void): (event: Event) => void {
  const handlers = new Map([[EVENT, handle]]);
  return (event) => {
    const { data } = event as MessageEvent<string>;
    const frames = data.includes("\n") ? data.split("\n") : [data];
    for (const text of frames) {
      const [name, payload] = JSON.parse(text) as [string, Shapes];
      handlers.get(name)?.(payload);
    }
  };
}

/** Makes a client with a socket class of its own, and waits until it has connected. */
function connected(make: (WebSocket: typeof LocalSocket) => { close(): void }): Promise<Contender> {
  return new Promise((resolve) => {
    class OwnSocket extends LocalSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        // Added first, so it comes before the client's own listener: hence one turn later.
        this.addEventListener("open", () =>
          setTimeout(() =>
            resolve({ receive: (event) => this.receive(event), close: () => client.close() }),
          ),
        );
      }
    }
    const client = make(OwnSocket);
  });
}
