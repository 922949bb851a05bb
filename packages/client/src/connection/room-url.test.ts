import { normalizeRoomName, parseRoomPath } from "@partyflare/shared";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { pageOrigin, roomUrl, withQuery } from "./room-url";

const room = { party: "chat", room: "lobby" };

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Whether shared takes it for a room's name. */
function isLegal(name: string): boolean {
  try {
    normalizeRoomName(name);
    return true;
  } catch {
    return false;
  }
}

describe("a room's URL", () => {
  it("brings any legal room name and party to the server", () => {
    const parties = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((party) => !/^\.{1,2}$/.test(party));
    fc.assert(
      fc.property(
        parties,
        fc.string({ unit: "binary", minLength: 1 }).filter(isLegal),
        fc.constantFrom(undefined, "rooms", "/a/b c/"),
        fc.constantFrom(undefined, "settings/1"),
        (party, name, prefix, path) => {
          const url = roomUrl("ws", { host: "example.com", party, room: name, prefix, path });
          // As a WebSocket takes it and a server reads it.
          const parsed = parseRoomPath(new URL(url.href).pathname, { prefix });
          expect(parsed).toEqual({ party, room: normalizeRoomName(name) });
        },
      ),
    );
  });

  it.each([
    ["example.com", "wss://example.com/parties/chat/lobby"],
    ["example.com:80", "wss://example.com:80/parties/chat/lobby"],
    ["https://example.com/", "wss://example.com/parties/chat/lobby"],
    ["http://example.com", "ws://example.com/parties/chat/lobby"],
    ["WS://example.com", "ws://example.com/parties/chat/lobby"],
    ["wss://192.168.1.5", "wss://192.168.1.5/parties/chat/lobby"],
    ["https://localhost:8787", "wss://localhost:8787/parties/chat/lobby"],
    ["10.example.com", "wss://10.example.com/parties/chat/lobby"],
    ["172.32.0.1", "wss://172.32.0.1/parties/chat/lobby"],
    ["localhost", "ws://localhost/parties/chat/lobby"],
    ["wss://localhost:8787/", "wss://localhost:8787/parties/chat/lobby"],
    ["ws://localhost:8787/", "ws://localhost:8787/parties/chat/lobby"],
    ["my-laptop:8787", "ws://my-laptop:8787/parties/chat/lobby"],
    ["my-laptop.local:8787", "ws://my-laptop.local:8787/parties/chat/lobby"],
    ["app.localhost:8787", "ws://app.localhost:8787/parties/chat/lobby"],
    ["127.1:8787", "ws://127.0.0.1:8787/parties/chat/lobby"],
    ["192.168.1.7", "ws://192.168.1.7/parties/chat/lobby"],
    ["172.16.0.1", "ws://172.16.0.1/parties/chat/lobby"],
    ["[::1]:8787", "ws://[::1]:8787/parties/chat/lobby"],
    ["[::ffff:127.0.0.1]:8787", "ws://[::ffff:7f00:1]:8787/parties/chat/lobby"],
  ])("at %s is %s", (host, url) => {
    expect(roomUrl("ws", { ...room, host }).href).toBe(url);
  });

  it("has the schemes of HTTP for requests", () => {
    expect(roomUrl("http", { ...room, host: "localhost:8787" }).protocol).toBe("http:");
    expect(roomUrl("http", { ...room, host: "example.com" }).protocol).toBe("https:");
  });

  it("has the protocol that was asked for", () => {
    expect(roomUrl("ws", { ...room, host: "localhost", protocol: "wss" }).protocol).toBe("wss:");
    expect(roomUrl("ws", { ...room, host: "example.com", protocol: "ws" }).protocol).toBe("ws:");
  });

  it("is on the page's own host by default, spoken to as the page was loaded", () => {
    const secure = "https://localhost:5173";
    expect(roomUrl("ws", room, secure).href).toBe("wss://localhost:5173/parties/chat/lobby");
    const plain = "http://example.com";
    expect(roomUrl("ws", room, plain).href).toBe("ws://example.com/parties/chat/lobby");
  });

  it("is refused where no host is given and there is no page", () => {
    vi.stubGlobal("location", undefined);
    expect(() => roomUrl("ws", room)).toThrow("option `host`");
  });

  it.each(["", "/", "a b", "example.com/app", "user@example.com", "example.com?x", "a:b:c"])(
    "is refused for the host %j",
    (host) => {
      expect(() => roomUrl("ws", { ...room, host })).toThrow("option `host`");
    },
  );

  it("is refused for an illegal room, an empty party, and none at all", () => {
    const host = "example.com";
    expect(() => roomUrl("ws", { host, party: "chat", room: ".." })).toThrow("option `room`");
    expect(() => roomUrl("ws", { host, party: "", room: "lobby" })).toThrow("option `party`");
    // As JavaScript callers may.
    const nothing = { host } as { host: string; party: string; room: string };
    expect(() => roomUrl("ws", nothing)).toThrow("option `party`");
    expect(() => roomUrl("ws", { ...nothing, party: "chat" })).toThrow("option `room`");
  });

  it("has what follows the room in its path", () => {
    const url = roomUrl("ws", { ...room, host: "localhost", path: "/settings/1" });
    expect(url.pathname).toBe("/parties/chat/lobby/settings/1");
  });

  it.each(["../other", "a/../../other", "%2e%2e/other", "x?admin=1", "x#y"])(
    "is refused for the path %s, which is not within the room",
    (path) => {
      expect(() => roomUrl("ws", { ...room, host: "localhost", path })).toThrow("option `path`");
    },
  );
});

describe("a URL's query", () => {
  it("holds every value that is one, encoded", () => {
    const url = withQuery(new URL("ws://localhost/"), {
      text: "a&b=c é",
      number: 0,
      no: false,
      empty: "",
      nothing: null,
      missing: undefined,
    });
    expect(Object.fromEntries(new URL(url.href).searchParams)).toEqual({
      text: "a&b=c é",
      number: "0",
      no: "false",
      empty: "",
    });
  });

  it("leaves the URL it was made from as it was", () => {
    const url = new URL("ws://localhost/");
    withQuery(url, { a: 1 });
    expect(url.href).toBe("ws://localhost/");
  });
});

describe("the current page", () => {
  it("is none on a server", () => {
    vi.stubGlobal("location", undefined);
    expect(pageOrigin()).toBeUndefined();
  });

  it("is none where a page has no host, or is no page of the web", () => {
    vi.stubGlobal("location", { origin: "null" });
    expect(pageOrigin()).toBeUndefined();
    vi.stubGlobal("location", { origin: "chrome-extension://abcdef" });
    expect(pageOrigin()).toBeUndefined();
  });

  it("is the one whose host the browser shows", () => {
    vi.stubGlobal("location", { origin: "https://example.com:8443", href: "…" });
    expect(pageOrigin()).toBe("https://example.com:8443");
  });
});
