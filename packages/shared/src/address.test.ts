import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../harness/scale";
import { normalizePartyName, normalizeRoomName, parseRoomPath, roomPath } from "./address";
import { MAX_ROOM_NAME_BYTES } from "./limits";

const illegal = expect.objectContaining({ name: "PartyError", code: "invalid" });

/** Any name that is legal, from any part of Unicode. */
const roomNames = fc.string({ unit: "binary", minLength: 1, maxLength: 100 }).filter((name) => {
  try {
    return normalizeRoomName(name) !== "";
  } catch {
    return false;
  }
});

describe("a room's name", () => {
  it("is normalised to NFC", () => {
    expect(normalizeRoomName("cafe\u0301")).toBe("café");
  });

  it.each(["lobby", "a/b", "a?b#c", " ", "...", "日本", "👩‍👩‍👧", "\u200D", "é".repeat(256)])(
    "may be %j",
    (name) => {
      expect(normalizeRoomName(name)).toBe(name);
    },
  );

  it.each([
    ["nothing", ""],
    ["not text", 7 as unknown as string],
    [".", "."],
    ["..", ".."],
    ["a control character", "a\u0007b"],
    ["a C1 control character", "a\u0085b"],
    ["a right-to-left override", "a\u202Eb"],
    ["a directional isolate", "a\u2066b"],
    ["an Arabic letter mark", "a\u061Cb"],
    ["a lone surrogate", "a\uD800"],
    ["513 bytes", "x".repeat(MAX_ROOM_NAME_BYTES + 1)],
    ["257 characters of two bytes", "é".repeat(257)],
    ["10 kB", "x".repeat(10_000)],
  ])("is refused where it is %s", (_what, name) => {
    expect(() => normalizeRoomName(name)).toThrow(illegal);
  });

  it("is refused for every control, bidirectional or surrogate character, and for no other", () => {
    const refused = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;
    const wrong: string[] = [];
    for (let unit = 0; unit <= 0xffff; unit++) {
      const name = `a${String.fromCharCode(unit)}`;
      let isRefused = false;
      try {
        normalizeRoomName(name);
      } catch {
        isRefused = true;
      }
      if (isRefused !== refused.test(name)) wrong.push(unit.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it("is measured after it was normalised", () => {
    expect(normalizeRoomName("e\u0301".repeat(256))).toBe("é".repeat(256));
  });
});

describe("a party's name", () => {
  it("is one in every way of writing it", () => {
    for (const name of ["my-party", "myparty", "MyParty", "MY_PARTY"]) {
      expect(normalizePartyName(name)).toBe("myparty");
    }
  });

  it.each(["", ".", "..", "\uDC00", undefined as unknown as string])(
    "is refused as %j",
    (party) => {
      expect(() => roomPath({ party, room: "lobby" })).toThrow(illegal);
    },
  );
});

describe("a room's path", () => {
  it("encodes everything, so that a URL does not take it for its own syntax", () => {
    expect(roomPath({ party: "chat", room: "a?b#c/d%20" })).toBe(
      "/parties/chat/a%3Fb%23c%2Fd%2520",
    );
  });

  it("goes on with a path, with or without a leading slash", () => {
    expect(roomPath({ party: "chat", room: "lobby", path: "files/1" })).toBe(
      "/parties/chat/lobby/files/1",
    );
    expect(roomPath({ party: "chat", room: "lobby", path: "/files" })).toBe(
      "/parties/chat/lobby/files",
    );
  });

  it.each([
    [undefined, "/parties/chat/lobby"],
    ["rooms", "/rooms/chat/lobby"],
    ["/api//rooms/", "/api/rooms/chat/lobby"],
    ["", "/chat/lobby"],
    ["/", "/chat/lobby"],
    ["räume", "/r%C3%A4ume/chat/lobby"],
  ])("begins with the prefix %j", (prefix, path) => {
    expect(roomPath({ party: "chat", room: "lobby", prefix })).toBe(path);
    expect(parseRoomPath(path, { prefix })).toEqual({ party: "chat", room: "lobby" });
  });

  it("leads back to any legal room, through a URL", () => {
    fc.assert(
      fc.property(roomNames, (room) => {
        const { pathname } = new URL(roomPath({ party: "chat", room }), "https://example.com");
        expect(parseRoomPath(pathname)).toEqual({ party: "chat", room: normalizeRoomName(room) });
      }),
      { numRuns: cases(2_000) },
    );
  });
});

describe("reading a path", () => {
  it("asks whether the party exists before it looks at the room", () => {
    const isParty = (party: string) => party === "chat";
    expect(parseRoomPath("/parties/other/%zz", { isParty })).toBeNull();
    expect(() => parseRoomPath("/parties/chat/%zz", { isParty })).toThrow(illegal);
  });

  it("decodes once", () => {
    expect(parseRoomPath("/parties/chat/%252F")?.room).toBe("%2F");
  });

  it("gives an address, null or a PartyError for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const pathname of [text, `/parties/${text}`, `/parties/chat/${text}`]) {
          try {
            const address = parseRoomPath(pathname);
            if (address) expect(normalizeRoomName(address.room)).toBe(address.room);
          } catch (error) {
            expect(error).toEqual(illegal);
          }
        }
      }),
      { numRuns: cases(2_000) },
    );
  });
});
