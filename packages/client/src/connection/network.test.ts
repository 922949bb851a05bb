import { afterEach, describe, expect, it, vi } from "vitest";
import { Page } from "../../test/page";
import { onPageReturn } from "./network";

describe("the return of a page", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is its network's, and its own when it is seen again", () => {
    const page = new Page();
    const returned = vi.fn();
    onPageReturn(returned);
    page.goOnline();
    expect(returned).toHaveBeenCalledTimes(1);
    page.become("hidden");
    expect(returned).toHaveBeenCalledTimes(1);
    page.become("visible");
    expect(returned).toHaveBeenCalledTimes(2);
  });

  it("is not listened for any more once that is stopped", () => {
    const page = new Page();
    const returned = vi.fn();
    const stop = onPageReturn(returned);
    expect(page.listeners).toBe(2);
    stop();
    expect(page.listeners).toBe(0);
    page.goOnline();
    page.become("visible");
    expect(returned).not.toHaveBeenCalled();
  });

  it.each([
    ["there is no page", undefined],
    ["the window has no events, as in React Native", {}],
  ])("is never where %s", (_where, window) => {
    vi.stubGlobal("window", window);
    const stop = onPageReturn(() => {});
    expect(stop).not.toThrow();
  });
});
