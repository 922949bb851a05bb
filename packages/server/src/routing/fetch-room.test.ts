import { env, exports } from "cloudflare:workers";
import { normalizeRoomName, parseRoomPath, roomPath } from "@partyflare/shared";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../../harness/scale";
import { scripts } from "../../test/parties";
import { Party } from "../index";
import type { FetchRoomOptions } from "./fetch-room";

const get = (path: string, options?: FetchRoomOptions) =>
  Party.fetchRoomForRequest(new Request(`https://example.com${path}`), env, options);

/** A room that answers with its name. */
function roomCalled(name: string): string {
  scripts.set(normalizeRoomName(name), { onRequest: (party) => new Response(party.room) });
  return name;
}

const unique = (name: string) => `${name} ${crypto.randomUUID()}`;

describe("a URL", () => {
  it.each([
    "/",
    "/parties",
    "/parties/",
    "/parties/hibernating",
    "/parties/hibernating/",
    "/parties//room",
    "/party/hibernating/room",
    "/partiesx/hibernating/room",
    "/parties/unknown/room",
    "/parties/unknown/%zz",
    "/parties/%zz/room",
    "/parties/constructor/room",
    "/parties/__proto__/room",
    "/parties/toString/room",
    "/parties/-_/room",
    "/parties/SERVICE/room",
    "/parties/KV/room",
    "/parties/TEXT/room",
  ])("is null at once where it is no party's: %s", (path) => {
    expect(get(path)).toBeNull();
  });

  it.each(["in-memory", "inmemory", "InMemory", "IN_MEMORY", "in_Memory", "%49n-memory"])(
    "finds its party however that is written: %s",
    async (party) => {
      const room = roomCalled(unique("room"));
      const response = await get(`/parties/${party}/${encodeURIComponent(room)}`);
      expect(await response?.text()).toBe(room);
    },
  );

  it.each(["%zz", "%E0%A4%A", "%00", "%0A", "a%E2%80%AEb", "x".repeat(513)])(
    "is answered 400, in plain text, where the room's name is illegal: %s",
    async (room) => {
      const response = await get(`/parties/hibernating/${room}`);
      expect(response?.status).toBe(400);
      expect(await response?.text()).toMatch(/^A room's name /);
    },
  );

  it.each(["a/b", "a?b#c", "café", "%", "日本", "..a", "🎉", "a b"])(
    "finds the very room of the name it encodes: %s",
    async (name) => {
      const room = roomCalled(unique(name));
      const response = await get(roomPath({ party: "hibernating", room }));
      expect(await response?.text()).toBe(room.normalize("NFC"));
      const stub = Party.withRoom(env.HIBERNATING, room);
      expect(await (await stub.fetch("https://example.com")).text()).toBe(room);
    },
  );

  it("takes what follows the room as the room's own affair", async () => {
    const room = unique("room");
    scripts.set(room, { onRequest: (_party, { url }) => new Response(new URL(url).pathname) });
    const path = `${roomPath({ party: "hibernating", room })}/and/more`;
    expect(await (await get(path))?.text()).toBe(path);
  });

  it("is the same room in any Unicode normal form", async () => {
    const room = roomCalled(unique("café"));
    const decomposed = `/parties/hibernating/${encodeURIComponent(room.normalize("NFD"))}`;
    expect(await (await get(decomposed))?.text()).toBe(room.normalize("NFC"));
  });

  it("never makes the router throw, however strange it is", async () => {
    const segment = fc.oneof(
      fc.constantFrom("parties", "hibernating", "..", "%2e%2e", "%", "%00", "%zz", "__proto__", ""),
      fc.string({ unit: "binary", maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 5 }), async (segments) => {
        const { pathname } = new URL(`https://example.com/${segments.join("/")}`);
        // Rooms that would really be woken are left to the other tests.
        const response = get(pathname, { parties: { nobody: env.HIBERNATING } });
        expect(response).toBeNull();
        try {
          parseRoomPath(pathname);
        } catch (error) {
          expect(error).toMatchObject({ name: "PartyError", code: "invalid" });
        }
      }),
      { numRuns: cases(1_000) },
    );
  });
});

describe("prefix", () => {
  it.each(["rooms", "/rooms/", "api/v1/rooms", "//api/rooms//"])("may be %s", async (prefix) => {
    const room = roomCalled(unique("room"));
    const path = roomPath({ party: "hibernating", room, prefix });
    expect(path.startsWith("/parties")).toBe(false);
    expect(await (await get(path, { prefix }))?.text()).toBe(room);
    expect(get(path)).toBeNull();
  });

  it("may be empty", async () => {
    const room = roomCalled(unique("room"));
    const path = `/hibernating/${encodeURIComponent(room)}`;
    expect(await (await get(path, { prefix: "" }))?.text()).toBe(room);
  });
});

describe("parties", () => {
  it("by default are all Durable Object bindings, and nothing else that answers to their methods", async () => {
    expect(await (await get("/parties/other/room"))?.text()).toBe("not a party");
    expect(typeof (env.SERVICE as unknown as DurableObjectNamespace).idFromName).toBe("function");
    expect(get("/parties/service/room")).toBeNull();
  });

  it("are only those listed, an unlisted one being as unknown as any other", async () => {
    const parties = ["HIBERNATING"];
    const room = roomCalled(unique("room"));
    const path = roomPath({ party: "hibernating", room });
    expect(await (await get(path, { parties }))?.text()).toBe(room);
    expect(get("/parties/other/room", { parties })).toBeNull();
    expect(get("/parties/other/%zz", { parties })).toBeNull();
  });

  it("may have other names than their bindings", async () => {
    const parties = { "chat-room": env.HIBERNATING as unknown as DurableObjectNamespace };
    const room = roomCalled(unique("room"));
    const path = roomPath({ party: "ChatRoom", room });
    expect(await (await get(path, { parties }))?.text()).toBe(room);
    expect(get(roomPath({ party: "hibernating", room }), { parties })).toBeNull();
  });

  it("that are listed and are no binding of Durable Objects are a mistake that is named", () => {
    expect(() => get("/parties/text/room", { parties: ["TEXT"] })).toThrow(/TEXT is listed/);
    expect(() => get("/parties/missing/room", { parties: ["MISSING"] })).toThrow(
      /MISSING is listed/,
    );
  });

  it("that differ only in case, dashes and underscores are a mistake that is named", () => {
    const twice = { chat: env.HIBERNATING, CHAT: env.IN_MEMORY } as unknown as Record<
      string,
      DurableObjectNamespace
    >;
    expect(() => get("/parties/chat/room", { parties: twice })).toThrow(/chat and CHAT/);
  });
});

describe("withRoom", () => {
  it("reaches the party's own methods, by its normalised name", async () => {
    const stub = Party.withRoom(env.HIBERNATING, "cafe\u0301");
    expect(await stub.ping()).toBe("pong from café, set");
  });

  it("takes a location hint", async () => {
    const stub = Party.withRoom(env.HIBERNATING, unique("room"), { locationHint: "weur" });
    expect(await stub.ping()).toMatch(/^pong/);
  });

  it.each(["", ".", "..", "a\u0000", "\uD800", "x".repeat(513), undefined as unknown as string])(
    "refuses an illegal name: %j",
    (name) => {
      expect(() => Party.withRoom(env.HIBERNATING, name)).toThrow(
        expect.objectContaining({ name: "PartyError", code: "invalid" }),
      );
    },
  );
});

describe("a Worker", () => {
  it("answers with || what is no party's", async () => {
    const response = await exports.default.fetch("https://example.com/elsewhere");
    expect(response.status).toBe(404);
  });
});
