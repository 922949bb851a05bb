import { afterEach, describe, expect, it, vi } from "vitest";

describe("a browser's key", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is the same for as long as a page lives, whatever happens to the storage", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => kept.set(name, text),
    });
    vi.resetModules();
    const { browserKey } = await import("./browser-key");
    const key = browserKey();
    // Another tab that began at the same moment has written its own.
    for (const name of kept.keys()) kept.set(name, "b".repeat(22));
    expect(browserKey()).toBe(key);
    // The user has cleared the site's data.
    kept.clear();
    expect(browserKey()).toBe(key);
  });
});
