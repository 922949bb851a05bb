import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  fromWireError,
  PING,
  PONG,
  splitFrames,
  toWireError,
} from "./codec";
import { PartyError } from "./errors";
import type { ClientFrame, ServerFrame } from "./frames";
import { MAX_JSON_DEPTH } from "./limits";

/** JSON as it arrives: no `-0`, which JSON.stringify does not keep, and no `__proto__`. */
const json = fc
  .jsonValue({ maxDepth: 5 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  .filter((value) => !JSON.stringify(value).includes("__proto__"));

const names = fc.string({ unit: "binary" }).filter((name) => !name.startsWith("$"));
const ids = fc.maxSafeNat();
const text = fc.string({ unit: "binary" });

const events = fc.record({ kind: fc.constant("event" as const), name: names, data: json });
const texts = fc.record({ kind: fc.constant("text" as const), text });
const errors = fc.record({ code: text, message: text }, { noNullPrototype: true });

const operations = fc.record({
  number: fc.nat().map((number) => number + 1),
  since: fc.string({ maxLength: 64 }),
});
const histories = fc.record(
  { epoch: text, offset: ids, fingerprint: text, recovered: fc.boolean() },
  { requiredKeys: ["epoch", "offset"], noNullPrototype: true },
);
const once = fc.record(
  { calls: fc.array(text), since: text, latest: ids },
  { noNullPrototype: true },
);

const clientFrames: fc.Arbitrary<ClientFrame> = fc.oneof(
  events,
  texts,
  fc.record({ kind: fc.constant("call" as const), id: ids, name: text, input: json }),
  fc.record({
    kind: fc.constant("call" as const),
    id: ids,
    name: text,
    input: json,
    operation: operations,
  }),
  fc.record({ kind: fc.constant("ping" as const) }),
);

const serverFrames: fc.Arbitrary<ServerFrame> = fc.oneof(
  events,
  texts,
  fc.record({ kind: fc.constant("event" as const), name: names, data: json, offset: ids }),
  fc.record({ kind: fc.constant("hello" as const), id: text, room: text }),
  fc.record({
    kind: fc.constant("hello" as const),
    id: text,
    room: text,
    history: histories,
    once,
  }),
  fc.record({ kind: fc.constant("resume" as const), history: histories }),
  fc.record({ kind: fc.constant("once" as const), once }),
  fc.record({ kind: fc.constant("reply" as const), id: ids, output: json }),
  fc.record({ kind: fc.constant("fail" as const), id: ids, error: errors }),
  fc.record({ kind: fc.constant("error" as const), error: errors, event: text }),
  fc.record({
    kind: fc.constant("close" as const),
    close: fc.record({ code: fc.nat(), reason: text, retry: fc.boolean(), retryAfterMs: fc.nat() }),
  }),
  fc.record({ kind: fc.constant("pong" as const) }),
);

describe("a frame", () => {
  it("of a client is the same once it was encoded and decoded", () => {
    fc.assert(
      fc.property(clientFrames, (frame) => {
        expect(decodeClientFrame(encodeClientFrame(frame))).toEqual(frame);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of a room is the same once it was encoded and decoded", () => {
    fc.assert(
      fc.property(serverFrames, (frame) => {
        expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame);
      }),
      { numRuns: 2_000 },
    );
  });

  it("holds no newline, so that any number of them can be joined and split again", () => {
    fc.assert(
      fc.property(fc.array(clientFrames, { minLength: 1 }), (frames) => {
        const encoded = frames.map(encodeClientFrame);
        expect(splitFrames(encoded.join("\n"))).toEqual(encoded);
      }),
    );
  });

  it("can be read, or is refused with a PartyError, whatever the text", () => {
    const anything = fc.oneof(
      text,
      fc.json(),
      fc
        .tuple(fc.constantFrom("$call", "$hello", "$close", "$fail", "$x"), json, json)
        .map((frame) => JSON.stringify(frame)),
    );
    fc.assert(
      fc.property(anything, (message) => {
        for (const decode of [decodeClientFrame, decodeServerFrame]) {
          try {
            decode(message);
          } catch (error) {
            expect(error).toBeInstanceOf(PartyError);
            expect((error as PartyError).code).toMatch(/^(bad_frame|unknown_frame)$/);
          }
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    [{ kind: "event", name: "say", data: { text: "hi" } }, '["say",{"text":"hi"}]'],
    [{ kind: "event", name: "bell", data: undefined }, '["bell"]'],
    [
      { kind: "call", id: 7, name: "rename", input: { name: "Ada" } },
      '["$call",7,"rename",{"name":"Ada"}]',
    ],
    [{ kind: "call", id: 0, name: "leave", input: undefined }, '["$call",0,"leave"]'],
    [{ kind: "text", text: "a\nb" }, '["$text","a\\nb"]'],
    [{ kind: "ping" }, PING],
  ] as [ClientFrame, string][])("of a client looks as the protocol says: %j", (frame, encoded) => {
    expect(encodeClientFrame(frame)).toBe(encoded);
  });

  it.each([
    [{ kind: "hello", id: "ada", room: "lobby" }, '["$hello",{"id":"ada","room":"lobby"}]'],
    [{ kind: "reply", id: 7, output: undefined }, '["$reply",7]'],
    [
      { kind: "fail", id: 7, error: { code: "name_taken", message: "Taken." } },
      '["$fail",7,{"code":"name_taken","message":"Taken."}]',
    ],
    [
      { kind: "error", error: { code: "invalid", message: "No." }, event: "say" },
      '["$error",{"code":"invalid","message":"No.","event":"say"}]',
    ],
    [
      { kind: "close", close: { code: 4000, reason: "", retry: false } },
      '["$close",{"code":4000,"reason":"","retry":false}]',
    ],
    [{ kind: "pong" }, PONG],
  ] as [ServerFrame, string][])("of a room looks as the protocol says: %j", (frame, encoded) => {
    expect(encodeServerFrame(frame)).toBe(encoded);
  });

  it("from a newer room is null, so that a client passes over it", () => {
    expect(decodeServerFrame('["$presence",{"here":[]}]')).toBeNull();
  });

  it("may nest as deep as the limit, and no deeper", () => {
    const nested = (depth: number) => `["x",${"[".repeat(depth)}${"]".repeat(depth)}]`;
    expect(() => decodeClientFrame(nested(MAX_JSON_DEPTH - 1))).not.toThrow();
    expect(() => decodeClientFrame(nested(MAX_JSON_DEPTH))).toThrow(PartyError);
    expect(() => decodeClientFrame(nested(500_000))).toThrow(PartyError);
  });
});

describe("an error on the wire", () => {
  it("arrives as it was thrown, but for its stack and cause", () => {
    const issues = [{ path: ["text"], message: "too long" }];
    const thrown = new PartyError("name_taken", {
      message: "Taken.",
      data: { suggestion: "Ada 2" },
      retryAfterMs: 5,
      issues,
      cause: new Error("secret"),
    });
    const arrived = fromWireError(JSON.parse(JSON.stringify(toWireError(thrown))));
    expect(arrived).toMatchObject({
      code: "name_taken",
      message: "Taken.",
      data: { suggestion: "Ada 2" },
      retryAfterMs: 5,
      issues,
    });
    expect(arrived.cause).toBeUndefined();
  });
});
