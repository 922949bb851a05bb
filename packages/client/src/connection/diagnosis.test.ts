import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginScript, endScript, enter, sockets, waitOf } from "../../test/scripted";

beforeEach(beginScript);
afterEach(() => expect(endScript()).toBe(0));

/** A response of a server that ends while it answers. */
function brokenResponse(): Response {
  const body = new ReadableStream({
    start: (controller) => controller.error(new TypeError("terminated")),
  });
  return new Response(body);
}

describe("three attempts that fail on this machine", () => {
  it.each([
    ["a status", () => Promise.resolve(new Response("No such party.", { status: 404 }))],
    ["nothing, from another origin", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["an answer that breaks off", () => Promise.resolve(brokenResponse())],
  ])("lead to one look over HTTP, which finds %s, and to a warning", async (_what, answer) => {
    const fetched = vi.fn(answer);
    vi.stubGlobal("fetch", fetched);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    enter();
    for (let attempt = 0; attempt < 7; attempt++) {
      expect(fetched).toHaveBeenCalledTimes(attempt < 3 ? 0 : 1);
      await waitOf();
      sockets.at(-1)!.end(1_006);
    }
    expect(fetched.mock.calls).toEqual([["http://localhost/parties/chat/lobby"]]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]!.join()).toMatch(
      /(404: No such party|no such party or prefix).*\/errors\/disconnected$/,
    );
  });

  it.each([
    ["on another host", { host: "example.com" }, 1_006],
    ["after a connection", {}, 1_012],
  ])("lead to nothing %s", async (_when, options, code) => {
    const fetched = vi.fn();
    vi.stubGlobal("fetch", fetched);
    enter(options);
    for (let attempt = 0; attempt < 5; attempt++) {
      await waitOf();
      sockets.at(-1)!.end(code);
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});
