import { afterEach, describe, expect, it, vi } from "vitest";
import { Page } from "../../test/page";
import { onNetwork } from "./network";

function listen() {
  const handlers = { onAway: vi.fn(), onBack: vi.fn() };
  return { ...handlers, stop: onNetwork(handlers) };
}

describe("the network and the page", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("are back with the network, when the page is seen, resumed, or restored from the cache", () => {
    const page = new Page();
    const { onBack, onAway } = listen();
    page.goOnline();
    expect(onBack).toHaveBeenCalledTimes(1);
    page.become("hidden");
    expect(onBack).toHaveBeenCalledTimes(1);
    page.become("visible");
    expect(onBack).toHaveBeenCalledTimes(2);
    page.tell("resume");
    expect(onBack).toHaveBeenCalledTimes(3);
    page.tell("pageshow", { persisted: false });
    expect(onBack).toHaveBeenCalledTimes(3);
    page.tell("pageshow", { persisted: true });
    expect(onBack).toHaveBeenCalledTimes(4);
    expect(onAway).not.toHaveBeenCalled();
  });

  it("are away without a network, and when the browser freezes the page", () => {
    const page = new Page();
    const { onBack, onAway } = listen();
    page.tell("offline");
    page.tell("freeze");
    expect(onAway).toHaveBeenCalledTimes(2);
    expect(onBack).not.toHaveBeenCalled();
  });

  it("are listened to in a Web Worker, which has neither a window nor a document", () => {
    const page = new Page();
    vi.stubGlobal("document", undefined);
    const { onBack, onAway } = listen();
    page.tell("offline");
    page.goOnline();
    expect([onAway.mock.calls.length, onBack.mock.calls.length]).toEqual([1, 1]);
  });

  it("are not listened to any more once that is stopped", () => {
    const page = new Page();
    const { onBack, onAway, stop } = listen();
    expect(page.listeners).toBeGreaterThan(0);
    stop();
    expect(page.listeners).toBe(0);
    page.goOnline();
    page.become("visible");
    page.tell("offline");
    expect(onBack).not.toHaveBeenCalled();
    expect(onAway).not.toHaveBeenCalled();
  });

  it("are left alone where there are no events, as in Node and React Native", () => {
    vi.stubGlobal("addEventListener", undefined);
    vi.stubGlobal("removeEventListener", undefined);
    expect(listen().stop).not.toThrow();
  });
});
