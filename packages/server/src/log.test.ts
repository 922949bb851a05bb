import { PartyError } from "@partyflare/shared";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { describeTypedRooms } from "../test/rooms";
import { logError } from "./log";

/** What is written for an error: its lines. */
function linesOf(error: unknown): string[] {
  const log = silenceLog();
  logError('Chat "lobby" say', error);
  expect(log).toHaveBeenCalledOnce();
  const text: unknown = log.mock.lastCall?.[0];
  log.mockRestore();
  expect(text).toBeTypeOf("string");
  return String(text).split("\n");
}

function silenceLog() {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return log;
}

function withStack(error: Error, stack: string): Error {
  error.stack = stack;
  return error;
}

describe("the error log", () => {
  it("has one line that says what happened and where, and the stack below", () => {
    const [line, ...stack] = linesOf(new RangeError("too far"));
    expect(line).toBe('[partyflare] Chat "lobby" say: RangeError: too far');
    expect(stack[0]).toMatch(/^ {4}at .*log\.test/);
    expect(stack.every((each) => each.startsWith("    at "))).toBe(true);
  });

  it("names the page of an error's code, where the code is the library's own", () => {
    const [, page, frame] = linesOf(new PartyError("room_full"));
    expect(page).toMatch(/^ {2}see https:\/\/.*\/errors\/room_full$/);
    expect(frame).toMatch(/log\.test/);
    const copy = { name: "PartyError", code: "invalid", message: "over RPC" };
    expect(linesOf(copy)[1]).toMatch(/\/errors\/invalid$/);
    expect(linesOf(new PartyError("name_taken")).join()).not.toContain("https:");
    expect(linesOf(new PartyError("constructor")).join()).not.toContain("https:");
  });

  it("does not repeat the message above the stack, whatever lines it has", () => {
    const lines = linesOf(new Error("one\ntwo\n    at forged (nowhere.ts:1:1)"));
    expect(lines[0]).toContain("one\\u000atwo\\u000a    at forged");
    expect(lines.slice(1).join("\n")).not.toContain("forged");
    expect(lines[1]).toMatch(/log\.test/);
  });

  it("has the stack of an error whose message was changed since", () => {
    const error = new Error("first");
    error.message = "second";
    const [line, frame] = linesOf(error);
    expect(line).toContain("second");
    expect(frame).toMatch(/log\.test/);
  });

  it("escapes control characters in the line and in the stack", () => {
    const stack = "Error: \u001b[31m\n    at f (\u001b[2J\u202eevil.ts:1:1)";
    const text = linesOf(withStack(new Error("\u001b[31m"), stack)).join("\n");
    expect(text).toContain("at f (\\u001b[2J\\u202eevil.ts:1:1)");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it("names causes, with their stacks", () => {
    const lines = linesOf(new Error("outer", { cause: new TypeError("inner") }));
    const cause = lines.indexOf("  caused by TypeError: inner");
    expect(cause).toBeGreaterThan(1);
    expect(lines[cause + 1]).toMatch(/log\.test/);
  });

  it("ends where causes go round in a circle", () => {
    const error = new Error("outer");
    error.cause = error;
    expect(linesOf(error).join("\n").match(/outer/g)).toHaveLength(1);
  });

  it("is bounded to 20 lines and 4 kB below the one of 200 characters", () => {
    const frames = (count: number, length: number) =>
      `Error: m\n${`    at ${"f".repeat(length)}\n`.repeat(count)}`;
    expect(linesOf(withStack(new Error("m"), frames(10_000, 10)))).toHaveLength(21);
    const long = linesOf(withStack(new Error("m"), frames(1_000, 10_000))).slice(1);
    expect(long.length).toBeGreaterThan(0);
    expect(long.join("\n").length).toBeLessThanOrEqual(4_096);
    expect(linesOf(new Error("x".repeat(1_000_000)))[0]).toHaveLength(200);
    const chain = Array.from({ length: 1_000 }).reduce<Error>(
      (cause) => new Error("link", { cause }),
      new Error("end"),
    );
    expect(linesOf(chain).length).toBeLessThanOrEqual(21);
  });

  it.each([
    ["text", "plain text", "plain text"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("sign"), "Symbol(sign)"],
    ["an object without a prototype", Object.create(null), "a value that has no text"],
    [
      "an object whose text throws",
      {
        toString() {
          throw new Error("no");
        },
      },
      "a value that has no text",
    ],
  ])("takes a throw of %s", (_name, thrown, text) => {
    expect(linesOf(thrown)).toEqual([`[partyflare] Chat "lobby" say: ${text}`]);
  });

  it("takes errors whose properties throw, or are no text", () => {
    const refuse = () => {
      throw new Error("no");
    };
    const throwing = new Error("text");
    for (const name of ["name", "message", "stack", "cause"]) {
      Object.defineProperty(throwing, name, { get: refuse });
    }
    expect(linesOf(throwing)).toEqual(['[partyflare] Chat "lobby" say: a value that has no text']);
    const odd = Object.assign(new Error("text"), { stack: { at: 1 }, cause: 1, name: 7 });
    expect(linesOf(odd)).toEqual(['[partyflare] Chat "lobby" say: 7: text']);
    const proxy = new Proxy(new Error("text"), { get: refuse, getPrototypeOf: refuse });
    expect(linesOf(proxy)).toEqual(['[partyflare] Chat "lobby" say: a value that has no text']);
  });
});

describeTypedRooms("an error in a handler", (open) => {
  it("is logged with its stack, of which the client is told nothing", async () => {
    const log = silenceLog();
    const fail = () => {
      throw new Error("broken inside");
    };
    const room = open({ handle: { say: fail, rename: fail } });
    const socket = await room.connect("", ["partyflare.1"]);
    await socket.frame();
    await socket.sendFrame("say", { text: "hello" });
    await socket.sendFrame("$call", 0, "rename", { name: "Ada" });
    const answers = [await socket.frame(), await socket.frame()];
    await vi.waitFor(() => expect(log).toHaveBeenCalledTimes(2), 60_000);
    for (const [index, name] of ["say", "rename"].entries()) {
      const [line, frame] = String(log.mock.calls[index]?.[0]).split("\n");
      expect(line).toMatch(
        new RegExp(`^\\[partyflare\\] \\w+ "${room.name}" ${name}: Error: broken inside$`),
      );
      expect(frame).toMatch(/^ {4}at .*\bfail .*log\.test/);
    }
    expect(JSON.stringify(answers)).not.toMatch(/broken|stack|log\.test|\bat\b/);
    expect(answers).toEqual([
      ["$error", expect.objectContaining({ code: "internal", event: "say" })],
      ["$fail", 0, expect.objectContaining({ code: "internal" })],
    ]);
  });
});
