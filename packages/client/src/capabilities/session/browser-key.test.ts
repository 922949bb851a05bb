import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

describe("a browser's key", () => {
  const kept = new Map<string, string>();
  beforeEach(() => {
    kept.clear();
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => kept.set(name, text),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  /** As a page that is loaded anew. */
  async function load() {
    vi.resetModules();
    return (await import("./browser-key")).browserKey;
  }

  it("is the same in all its tabs, and as `randomKey` makes it", async () => {
    const key = (await load())();
    expect(key).toMatch(/^[\w-]{22}$/);
    expect((await load())()).toBe(key);
  });

  it("is the same for as long as a page lives, whatever happens to the storage", async () => {
    const browserKey = await load();
    const key = browserKey();
    // Another tab that began at the same moment has written its own.
    for (const name of kept.keys()) kept.set(name, "b".repeat(22));
    expect(browserKey()).toBe(key);
    // The user has cleared the site's data.
    kept.clear();
    expect(browserKey()).toBe(key);
  });

  it("is made anew where nonsense is kept", async () => {
    const key = (await load())();
    for (const name of kept.keys()) kept.set(name, "no key!");
    const again = (await load())();
    expect(again).not.toBe(key);
    expect((await load())()).toBe(again);
  });

  it.each([
    ["is refused", { getItem: refuse, setItem: refuse }],
    ["is full", { getItem: () => null, setItem: refuse }],
    ["is missing", undefined],
  ])("is the page's own, and one, where storage %s", async (_why, storage) => {
    vi.stubGlobal("localStorage", storage);
    const browserKey = await load();
    expect(browserKey()).toBe(browserKey());
    expect((await load())()).not.toBe(browserKey());
  });
});

function refuse(): never {
  throw new DOMException("Not here.", "SecurityError");
}
