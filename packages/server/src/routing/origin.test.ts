import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Party } from "../index";
import { isListed, isOriginAllowed } from "./origin";

const WORKER = "https://example.com";

describe("a page of another host", () => {
  it.each([
    // request to, from, allowed, expected
    ["https://example.com", "https://example.com", [], true],
    ["https://example.com", "http://example.com", [], true],
    ["https://example.com:8443", "https://example.com:8443", [], true],
    ["https://example.com:8443", "https://example.com", [], false],
    ["https://example.com", "https://example.com.evil.example", [], false],
    ["https://example.com", "https://evilexample.com", [], false],
    ["https://example.com", "null", [], false],
    ["https://example.com", "", [], false],
    ["http://localhost:8787", "http://localhost:5173", [], true],
    ["http://127.0.0.1:8787", "http://app.localhost:5173", [], true],
    ["http://[::1]:8787", "http://127.8.8.8", [], true],
    ["http://localhost:8787", "http://0.0.0.0:5173", [], true],
    ["http://0.0.0.0:8787", "http://localhost:5173", [], true],
    ["https://example.com", "http://localhost:5173", [], false],
    ["https://example.com", "http://0.0.0.0:5173", [], false],
    ["http://localhost:8787", "https://evil.example", [], false],
    ["http://localhost:8787", "https://localhost.evil.example", [], false],
    ["http://localhost:8787", "file://", [], false],
  ] as [string, string, string[], boolean][])(
    "of a Worker at %s, from %s with %j: %s",
    (to, from, allowed, expected) => {
      const request = new Request(to, { headers: { Origin: from } });
      expect(isOriginAllowed(request, allowed)).toBe(expected);
    },
  );
});

describe("an entry", () => {
  it.each([
    // entry, origin, expected
    ["*", "https://anything.example", true],
    ["*", "null", true],
    ["app.example", "https://app.example", true],
    ["app.example", "http://app.example", true],
    ["APP.example", "https://app.example", true],
    ["bücher.example", "https://xn--bcher-kva.example", true],
    ["app.example", "https://app.example:8080", false],
    ["app.example", "https://app.example:443", true],
    ["app.example:443", "https://app.example", true],
    ["app.example:443", "http://app.example", false],
    ["app.example:8080", "https://app.example:8080", true],
    ["app.example", "null", false],
    ["https://app.example", "https://app.example", true],
    ["https://app.example/", "https://app.example", true],
    ["https://app.example", "http://app.example", false],
    ["http://app.example", "https://app.example", false],
    ["capacitor://localhost", "capacitor://localhost", true],
    ["capacitor://localhost", "http://localhost", false],
    ["*.app.example", "https://a.b.app.example", true],
    ["*.app.example", "https://app.example", false],
    ["*.app.example", "https://evilapp.example", false],
    ["*.app.example", "https://a.app.example:8080", false],
    ["*.APP.example:8080", "https://a.app.example:8080", true],
    ["https://*.app.example", "https://a.app.example", true],
    ["https://*.app.example", "http://a.app.example", false],
    ["localhost:*", "http://localhost:5173", true],
    ["localhost:*", "http://localhost", true],
    ["localhost:*", "http://evil.localhost:5173", false],
    ["localhost:*", "http://localhost.evil.example:5173", false],
    ["http://localhost:*", "https://localhost:5173", false],
    ["192.168.1.20:*", "http://192.168.1.20:5173", true],
    ["[::1]:*", "http://[::1]:5173", true],
    ["[::1]", "http://[::1]", true],
    ["*.app.example:*", "https://a.app.example:8080", true],
  ])("%s of %s: %s", (entry, origin, expected) => {
    expect(isListed(origin, [entry])).toBe(expected);
    expect(isListed(origin, ["other.example", entry])).toBe(expected);
  });

  it.each([
    "",
    " ",
    "*.",
    ":*",
    "https://",
    "file://",
    "a b",
    "app.example/path",
    "app.example?x",
    "ada@app.example",
    "app.example:port",
    "app.*.example",
    "**",
    "*example.com",
    "null",
    7 as unknown as string,
  ])("that says nothing is refused at the first request, whoever asks: %j", (entry) => {
    const request = new Request(`${WORKER}/parties/bare/x`);
    for (const options of [
      { allowedOrigins: ["app.example", entry] },
      { cors: { origins: [entry] } },
    ]) {
      expect(() => Party.fetchRoomForRequest(request, env, options)).toThrow(TypeError);
      expect(() => Party.fetchRoomForRequest(request, env, options)).toThrow(/is no origin/);
    }
    expect(() => Party.checkOrigin(request, { allowedOrigins: [entry] })).toThrow(/is no origin/);
  });
});

describe("cors", () => {
  it("does not reflect a page of another scheme, with credentials or without", async () => {
    const headers = { Origin: "http://app.example" };
    const request = new Request(`${WORKER}/parties/bare/x`, { headers });
    const cors = { origins: ["https://app.example"], credentials: true };
    const response = await Party.fetchRoomForRequest(request, env, { cors });
    expect(response?.headers.has("Access-Control-Allow-Origin")).toBe(false);
    expect(response?.headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });
});

describe("Party.checkOrigin", () => {
  const from = (origin?: string) =>
    new Request(WORKER, { headers: origin === undefined ? {} : { Origin: origin } });

  it("is null where the page may connect", () => {
    expect(Party.checkOrigin(from())).toBeNull();
    expect(Party.checkOrigin(from(WORKER))).toBeNull();
    const allowedOrigins = ["https://app.example"];
    expect(Party.checkOrigin(from("https://app.example"), { allowedOrigins })).toBeNull();
  });

  it("is a plain 403 where it may not, and the log names the option", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    const response = Party.checkOrigin(from("https://evil.example"));
    expect(response?.status).toBe(403);
    expect(await response?.text()).toBe("Forbidden");
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("allowedOrigins"));
  });
});
