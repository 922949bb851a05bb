import type { Binding } from "../bindings";
import { askRoom, labelled } from "../partyserver/ask-room";
import type { Stub } from "./types";

type Init = RequestInit | Request | undefined;

/** Returns the room of a party, for requests and WebSockets of other rooms. */
export function stubOf(binding: Binding, id: string): Stub {
  const ask = async (
    pathOrInit: string | Init,
    init: Init,
    headers?: HeadersInit,
  ): Promise<Response> => {
    // As on PartyKit, a request goes to the room's own URL, whatever its own was.
    const [path, rest] = typeof pathOrInit === "string" ? [pathOrInit, init] : ["", pathOrInit];
    if (path && !path.startsWith("/")) {
      throw new Error(`A path below a room starts with "/", and ${JSON.stringify(path)} does not.`);
    }
    const url = `http://localhost/parties/${binding.party}/${id}${path}`;
    const request = new Request(url, rest);
    new Headers(headers).forEach((value, name) => request.headers.set(name, value));
    return askRoom(labelled(request, binding), binding, id, {});
  };
  return {
    fetch: (pathOrInit?: string | Init, init?: Init) => ask(pathOrInit, init),
    async socket(pathOrInit?: string | RequestInit, init?: RequestInit) {
      const { status, webSocket } = await ask(pathOrInit, init, { Upgrade: "websocket" });
      if (!webSocket) throw new Error(`The room ${JSON.stringify(id)} has answered ${status}.`);
      webSocket.accept();
      return webSocket;
    },
    connect() {
      throw new Error("connect() of a room is not offered here: use `await socket()`.");
    },
  };
}
