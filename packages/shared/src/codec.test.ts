import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "../../../harness/scale";
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  fromWireError,
  framesOf,
  PING,
  PONG,
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

/** A page of a client: 1 to 32 characters of base64url. */
const pages = fc.stringMatching(/^[\w-]{1,32}$/);
/** The room's proof that a client was sent an event: 8 characters of base64url. */
const tags = fc.stringMatching(/^[\w-]{8}$/);

const operations = fc
  .record(
    {
      page: pages,
      oldest: fc.integer({ min: 1, max: 2 ** 40 }),
      waiting: fc.integer({ min: 0, max: 63 }),
      since: fc.string({ maxLength: 64 }),
      repeat: fc.boolean(),
    },
    { noNullPrototype: true },
  )
  .map(({ waiting, ...operation }) => ({ ...operation, number: operation.oldest + waiting }));
/** Frames of the library itself, whose names no capability has. */
const TAKEN = ["call", "close", "error", "fail", "hello", "ping", "pong", "reply", "text", "with"];

const capabilities = fc.record({
  kind: fc.constant("capability" as const),
  name: text.filter((name) => !TAKEN.includes(name)),
  payload: json,
});
const parts = fc.dictionary(
  text.filter((name) => !["__proto__", "id", "room"].includes(name)),
  json,
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
  capabilities,
  fc.record({ kind: fc.constant("with" as const), name: text, asked: text }),
  fc.record({ kind: fc.constant("ping" as const) }),
);

const serverFrames: fc.Arbitrary<ServerFrame> = fc.oneof(
  events,
  texts,
  fc.record({
    kind: fc.constant("event" as const),
    name: names,
    data: json,
    offset: ids,
    tag: tags,
  }),
  fc.record({ kind: fc.constant("hello" as const), id: text, room: text, parts }),
  capabilities,
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
      { numRuns: cases(2_000) },
    );
  });

  it("of a room is the same once it was encoded and decoded", () => {
    fc.assert(
      fc.property(serverFrames, (frame) => {
        expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame);
      }),
      { numRuns: cases(2_000) },
    );
  });

  it("holds no newline, so that any number of them can be joined and split again", () => {
    fc.assert(
      fc.property(fc.array(clientFrames, { minLength: 1 }), (frames) => {
        const encoded = frames.map(encodeClientFrame);
        expect([...framesOf(encoded.join("\n"))]).toEqual(encoded);
      }),
    );
  });

  it("can be read, or is refused with a PartyError, whatever the text", () => {
    const anything = fc.oneof(
      text,
      fc.json(),
      fc
        .tuple(fc.constantFrom("$call", "$hello", "$with", "$close", "$fail", "$x"), json, json)
        .map((frame) => JSON.stringify(frame)),
    );
    fc.assert(
      fc.property(anything, (message) => {
        for (const decode of [decodeClientFrame, decodeServerFrame]) {
          try {
            decode(message);
          } catch (error) {
            expect(error).toBeInstanceOf(PartyError);
            expect((error as PartyError).code).toBe("bad_frame");
          }
        }
      }),
      { numRuns: cases(5_000) },
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
    [
      {
        kind: "call",
        id: 8,
        name: "post",
        input: undefined,
        operation: { page: "p-1_", number: 3, oldest: 2, since: "e.0" },
      },
      '["$call",8,"post",null,{"page":"p-1_","number":3,"oldest":2,"since":"e.0"}]',
    ],
    [
      {
        kind: "call",
        id: 9,
        name: "post",
        input: "x",
        operation: { page: "p", number: 1, oldest: 1, since: "e.0", repeat: true },
      },
      '["$call",9,"post","x",{"page":"p","number":1,"oldest":1,"since":"e.0","repeat":true}]',
    ],
    [{ kind: "text", text: "a\nb" }, '["$text","a\\nb"]'],
    [{ kind: "with", name: "presence", asked: "" }, '["$with","presence",""]'],
    [
      { kind: "capability", name: "presence", payload: { set: { typing: true }, n: 1 } },
      '["$presence",{"set":{"typing":true},"n":1}]',
    ],
    [{ kind: "ping" }, PING],
  ] as [ClientFrame, string][])("of a client looks as the protocol says: %j", (frame, encoded) => {
    expect(encodeClientFrame(frame)).toBe(encoded);
  });

  it.each([
    [
      { kind: "hello", id: "ada", room: "lobby", client: "id:ada", parts: {} },
      '["$hello",{"id":"ada","room":"lobby","client":"id:ada"}]',
    ],
    [
      {
        kind: "hello",
        id: "ada",
        room: "lobby",
        parts: {
          history: { epoch: "e", offset: 4, tag: "abcd-_12", recovered: true },
          once: { calls: ["post"], since: "e.0" },
        },
      },
      '["$hello",{"id":"ada","room":"lobby",' +
        '"history":{"epoch":"e","offset":4,"tag":"abcd-_12","recovered":true},' +
        '"once":{"calls":["post"],"since":"e.0"}}]',
    ],
    [
      { kind: "capability", name: "once", payload: { calls: ["post"], since: "e.1" } },
      '["$once",{"calls":["post"],"since":"e.1"}]',
    ],
    [
      { kind: "event", name: "said", data: "hi", offset: 5, tag: "abcd-_12" },
      '["said","hi",5,"abcd-_12"]',
    ],
    [
      { kind: "event", name: "bell", data: undefined, offset: 6, tag: "abcd-_12" },
      '["bell",null,6,"abcd-_12"]',
    ],
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

  it("of a capability that no side knows is one all the same", () => {
    for (const decode of [decodeClientFrame, decodeServerFrame]) {
      expect(decode('["$newer",{"here":[]}]')).toEqual({
        kind: "capability",
        name: "newer",
        payload: { here: [] },
      });
    }
  });

  it("that subscribes to a capability may ask for nothing more, and has a name", () => {
    expect(decodeClientFrame('["$with","presence"]')).toEqual({
      kind: "with",
      name: "presence",
      asked: "",
    });
    for (const text of ['["$with"]', '["$with",1]', '["$with","presence",{}]']) {
      expect(() => decodeClientFrame(text)).toThrow(PartyError);
    }
  });

  it("of a refusal is read without a wait that JSON cannot hold, and not without its text", () => {
    const error = { code: "busy", message: "Busy." };
    const text = encodeServerFrame({ kind: "fail", id: 1, error: { ...error, retryAfterMs: NaN } });
    const frame = decodeServerFrame(text) as Extract<ServerFrame, { kind: "fail" }>;
    expect(fromWireError(frame.error)).toMatchObject({ ...error, retryAfterMs: undefined });
    expect(() => decodeServerFrame('["$fail",1,{"code":"busy"}]')).toThrow(PartyError);
    expect(() => decodeServerFrame('["$close",{"code":4000,"reason":"","retry":1}]')).toThrow(
      expect.objectContaining({ code: "bad_frame" }),
    );
  });

  it("of a durable event has a whole number for its offset, or is none", () => {
    for (const rest of ['-1,"abcd-_12"', '1.5,"abcd-_12"', '"1","abcd-_12"']) {
      expect(() => decodeServerFrame(`["said","hi",${rest}]`)).toThrow(
        expect.objectContaining({ code: "bad_frame" }),
      );
    }
  });

  it("that is a client's mistake costs no stack", () => {
    for (const text of ["", "[]", "x", '["$with"]', '["$call",-1]', '["$text"]']) {
      let thrown: unknown;
      try {
        decodeClientFrame(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(PartyError);
      expect((thrown as PartyError).stack ?? "").not.toMatch(/\n\s+at /);
    }
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
