import { isRequest } from "../../http-objects";
import type { Binding } from "../bindings";
import { askRoom, labelled } from "../partyserver/route";
import type { Stub } from "./types";

type Init = RequestInit | Request | undefined;

/** Returns the room of a party, for requests and WebSockets of other rooms. */
export function stubOf(binding: Binding, id: string): Stub {
  const ask = (pathOrInit: string | Init, init: Init, headers?: HeadersInit): Promise<Response> => {
    const [path, rest] =
      typeof pathOrInit === "string" ? [pathOrInit, init] : [pathOf(pathOrInit), pathOrInit];
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

/** Returns the path and the query of a request; a path below the room's if it has none. */
function pathOf(init: Init): string {
  if (!isRequest(init)) return "";
  const { pathname, search } = new URL(init.url);
  return pathname === "/" ? search : `${pathname}${search}`;
}
