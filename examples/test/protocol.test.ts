import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  framesOf,
} from "@partyflare/shared/internal";
import { describe, expect, it } from "vitest";
import { codeBlocks, readDocument, tableRows } from "./documents";

const page = readDocument("docs/protocol.md");

const frames = tableRows(page, "Frames").map(([example = "", from = ""]) => ({
  text: example.replaceAll("`", ""),
  from,
}));

/** Decodes a frame with one side's codec and encodes it again; null for an unknown frame. */
const roundTrips = {
  client: (text: string) => encodeClientFrame(decodeClientFrame(text)),
  room: (text: string) => encodeServerFrame(decodeServerFrame(text)),
};

describe("a frame in docs/protocol.md", () => {
  it.each(frames)("is read and written as it stands, from $from: $text", ({ text, from }) => {
    const sides = from === "both" ? (["client", "room"] as const) : [from as "client" | "room"];
    for (const side of sides) expect(roundTrips[side](text)).toBe(text);
  });

  it.each([
    ["client", decodeClientFrame, ["event", "call", "with", "capability", "text", "ping"]],
    [
      "room",
      decodeServerFrame,
      ["event", "hello", "capability", "reply", "fail", "error", "text", "close", "pong"],
    ],
  ] as const)("is there for every kind that a %s sends", (side, decode, kinds) => {
    const sent = frames.filter(({ from }) => from === side || from === "both");
    expect(new Set(sent.map(({ text }) => decode(text).kind))).toEqual(new Set(kinds));
  });

  it("may stand with others in one message", () => {
    const [message] = codeBlocks(page).filter(({ language }) => language === "json");
    const texts = [...framesOf(message?.code.trim() ?? "")];
    expect(texts.map(roundTrips.room)).toEqual(texts);
    expect(texts.length).toBeGreaterThan(1);
  });
});
