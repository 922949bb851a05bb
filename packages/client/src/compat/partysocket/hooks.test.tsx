import { act, Activity, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lacks } from "../../../test/platform";
import { ScriptedSocket } from "../../../test/scripted-socket";
import { turn } from "../../../test/scripted";
import type { ProtocolsProvider } from "./options";
import type { PartySocket } from "./party-socket";
import usePartySocket, { useWebSocket as named, type UsePartySocketOptions } from "./react";
import type { ReconnectingWebSocket } from "./reconnecting-web-socket";
import useWebSocket from "./use-ws";

const sockets = ScriptedSocket.made;
const latest = () => sockets.at(-1)!;

/** The socket of each render, in order. */
let rendered: ReconnectingWebSocket[] = [];
const current = () => rendered.at(-1) as PartySocket;

function Room(options: Partial<UsePartySocketOptions>) {
  const socket = usePartySocket({
    host: "localhost:1999",
    room: "lobby",
    WebSocket: ScriptedSocket,
    ...options,
  });
  rendered.push(socket);
  return <p>{socket.host}</p>;
}

/** A mistake that is easily made: every render has another address. */
function Restless({ part }: { part: "id" | "room" }) {
  const where = { host: "localhost:1999", room: "lobby", WebSocket: ScriptedSocket };
  usePartySocket({ ...where, [part]: crypto.randomUUID() });
  return null;
}

function Any({ url, protocols }: { url: string; protocols?: ProtocolsProvider }) {
  rendered.push(useWebSocket(url, protocols, { WebSocket: ScriptedSocket }));
  return null;
}

beforeEach(() => {
  rendered = [];
  sockets.length = 0;
});

describe("the compatible hooks on a server", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("render without a page or a WebSocket, and connect to nothing", () => {
    vi.stubGlobal("location", undefined);
    vi.stubGlobal("WebSocket", undefined);
    const page = <Room host={undefined} WebSocket={undefined} />;
    expect(renderToString(page)).toBe("<p>dummy-domain.com</p>");
    expect(renderToString(<Any url="ws://localhost/any" />)).toBe("");
    expect(current().readyState).toBe(3);
    expect(sockets).toHaveLength(0);
    expect(named).toBe(useWebSocket);
  });
});

describe.skipIf(lacks("a document") || typeof document === "undefined")(
  "the compatible hooks in a page",
  () => {
    let root: Root;
    beforeEach(() => {
      vi.useFakeTimers();
      vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
      root = createRoot(document.createElement("div"));
    });
    afterEach(() => {
      act(() => root.unmount());
      vi.useRealTimers();
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    });

    const show = (node: React.ReactNode) => act(() => root.render(node));

    it("connect once under StrictMode, and close with the component, which hears of it", async () => {
      const onOpen = vi.fn();
      const onClose = vi.fn();
      show(
        <StrictMode>
          <Room onOpen={onOpen} onClose={onClose} />
        </StrictMode>,
      );
      await turn();
      expect(sockets).toHaveLength(1);
      latest().open();
      expect(onOpen).toHaveBeenCalledTimes(1);
      expect(onClose).not.toHaveBeenCalled();
      show(null);
      expect(onClose).toHaveBeenCalledTimes(1);
      expect(latest().readyState).toBe(2);
    });

    it("end the timers of an attempt with the component", async () => {
      show(<Room />);
      await turn();
      // Other files share the page, and may have timers: nothing runs between these two counts.
      const before = vi.getTimerCount();
      show(null);
      expect(vi.getTimerCount()).toBeLessThan(before);
    });

    it("keep their socket while only handlers and functions change, and call the new ones", async () => {
      const first = vi.fn();
      const second = vi.fn();
      show(<Room onMessage={first} query={() => ({ a: "1" })} />);
      await turn();
      latest().open();
      latest().receive("one");
      show(<Room onMessage={second} query={() => ({ a: "2" })} />);
      latest().receive("two");
      expect(new Set(rendered).size).toBe(1);
      expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    });

    it.each<Partial<UsePartySocketOptions>>([
      { room: "other" },
      { query: { token: "new" } },
      { id: "ada" },
      { basePath: "x" },
      { connectionTimeout: 1 },
    ])("connect anew when this changes: %j", async (options) => {
      show(<Room />);
      await turn();
      const first = current();
      const [old] = sockets;
      show(<Room {...options} />);
      expect(current()).not.toBe(first);
      expect(old!.readyState).toBe(2);
      await turn();
      expect(sockets).toHaveLength(2);
      expect(latest().url).toBe(`${current().roomUrl}?${latest().url.split("?")[1]}`);
    });

    it("keep their socket when a part that has no value has none in another way", async () => {
      const none = [undefined, null, () => null];
      for (const protocols of none) show(<Any url="ws://localhost/any" protocols={protocols} />);
      await turn();
      expect(new Set(rendered).size).toBe(1);
      rendered = [];
      const missing = [{}, { query: undefined }, { query: () => ({}) }, { protocols: null }];
      for (const options of missing) show(<Room {...options} />);
      await turn();
      expect(new Set(rendered).size).toBe(1);
    });

    it("close and reopen the same socket as `enabled` says", async () => {
      show(<Room enabled={false} />);
      await turn();
      expect(sockets).toHaveLength(0);
      show(<Room enabled />);
      await turn();
      expect(sockets).toHaveLength(1);
      show(<Room enabled={false} />);
      expect(current().readyState).toBe(3);
      expect(new Set(rendered).size).toBe(1);
    });

    it("stay closed with `startClosed` until the app reconnects", async () => {
      show(
        <StrictMode>
          <Room startClosed />
        </StrictMode>,
      );
      await turn();
      expect(sockets).toHaveLength(0);
      current().reconnect();
      await turn();
      expect(sockets).toHaveLength(1);
    });

    it.each<[Partial<UsePartySocketOptions>, unknown[]]>([
      [{ query: { token: "new" } }, ["one", "two"]],
      [{ query: { token: "new" }, transferEnqueuedMessages: false }, []],
      [{ room: "other" }, []],
      [{ room: "other", transferEnqueuedMessages: true }, ["one", "two"]],
    ])("hand queued messages over when the destination stays: %j", async (options, sent) => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      show(<Room />);
      current().send("one");
      current().send("two");
      show(<Room {...options} />);
      await turn();
      latest().open();
      expect(latest().sent).toEqual(sent);
      const warnings = warn.mock.calls.filter(([text]) => String(text).includes("discarded 2"));
      expect(warnings).toHaveLength(sent.length === 0 ? 1 : 0);
    });

    it.each(["id", "room"] as const)(
      "connect once for each render if every render has another `%s`, and warn of it",
      async (part) => {
        const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
        show(<Restless part={part} />);
        await turn();
        expect(sockets).toHaveLength(1);
        show(<Restless part={part} />);
        await turn();
        expect(sockets.map(({ readyState }) => readyState)).toEqual([2, 0]);
        expect(warn.mock.calls.flat()).toEqual([
          expect.stringContaining(`\`${part}\` is another in each render`),
        ]);
      },
    );

    it("take a query that is a new object in each render", async () => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      function Querying() {
        usePartySocket({ room: "lobby", WebSocket: ScriptedSocket, query: { at: "1" } });
        return null;
      }
      for (let time = 0; time < 3; time += 1) show(<Querying />);
      await turn();
      expect(sockets).toHaveLength(1);
      expect(warn).not.toHaveBeenCalled();
    });

    it("take many addresses of their parent without a warning", async () => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      for (let time = 0; time < 30; time += 1) show(<Room id={`id-${time}`} />);
      await turn();
      expect(warn).not.toHaveBeenCalled();
    });

    it("hand messages over across changes while the component is hidden", async () => {
      const within = (mode: "hidden" | "visible", token: string) =>
        show(
          <Activity mode={mode}>
            <Room query={{ token }} />
          </Activity>,
        );
      within("visible", "one");
      current().send("hello");
      for (const token of ["two", "three"]) within("hidden", token);
      within("visible", "three");
      await turn();
      latest().open();
      expect([latest().url.split("&")[1], latest().sent]).toEqual(["token=three", ["hello"]]);
    });

    it("take any URL", async () => {
      show(<Any url="ws://localhost/one" />);
      await turn();
      show(<Any url="ws://localhost/two" />);
      await turn();
      expect(sockets.map(({ url, readyState }) => [url, readyState])).toEqual([
        ["ws://localhost/one", 2],
        ["ws://localhost/two", 0],
      ]);
    });
  },
);
