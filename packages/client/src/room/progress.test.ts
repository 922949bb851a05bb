import { PartyError } from "@partyflare/shared";
import type { WireHistory } from "@partyflare/shared/internal";
import { describe, expect, it, vi } from "vitest";
import { Progress, type Recovery } from "./progress";

/** A place in a room whose storage has the epoch `e`, with a tag of its own. */
const place = (offset: number, epoch = "e") => ({ epoch, offset, tag: `tag${offset}` });

const take = (progress: Progress, ...offsets: number[]) =>
  offsets.map((offset) => progress.takes(offset, `tag${offset}`));

/** A client's progress, the recoveries that it tells of, and how often it changes. */
function progressOf(earlier?: string) {
  const [onChange, onRecovery] = [vi.fn(), vi.fn()];
  const progress = Object.assign(new Progress({ onChange, onRecovery }), { earlier });
  /** The room says hello on a new connection. Returns what the client tells of it. */
  const begin = (history: WireHistory) => {
    onRecovery.mockClear();
    progress.afterHello(history);
    return onRecovery.mock.calls[0]?.[0] as Recovery | undefined;
  };
  return { progress, begin, onChange, onRecovery };
}

describe("how far a client has come", () => {
  it("is nothing before the room has said where to begin", () => {
    expect(progressOf().progress.position).toBeUndefined();
    expect(progressOf("e.5.abc").progress.position).toBe("e.5.abc");
  });

  it("is lost, and that is told, where the room has told one that it cannot read itself", () => {
    const { progress, begin } = progressOf();
    expect(begin(place(3, "x".repeat(300)))).toBeUndefined();
    expect(begin(place(5))).toEqual({ recovered: false });
    expect(progress.position).toBe("e.5.tag5");
  });

  it("is the last event that it took, with the tag that the room gave it", () => {
    const { progress, begin } = progressOf();
    expect(begin(place(3))).toBeUndefined();
    expect(progress.position).toBe("e.3.tag3");
    // The room leaves out what this client may not see.
    expect(take(progress, 4, 9)).toEqual([true, true]);
    expect(progress.position).toBe("e.9.tag9");
  });

  it("takes no event twice, and none that is older", () => {
    const { progress, begin } = progressOf();
    begin(place(0));
    expect(take(progress, 1, 2, 2, 1, 3)).toEqual([true, true, false, false, true]);
  });

  it("keeps the tag of the event that it took when another comes under its offset", () => {
    const { progress, begin } = progressOf();
    begin(place(0));
    take(progress, 1);
    expect(progress.takes(1, "another")).toBe(false);
    expect(progress.position).toBe("e.1.tag1");
  });

  it("goes on where all is recovered, and begins anew where it is not", () => {
    const { progress, begin } = progressOf();
    begin(place(0));
    take(progress, 5);
    expect(begin({ ...place(5), recovered: true })).toEqual({ recovered: true });
    expect(take(progress, 5)).toEqual([false]);
    const lost = { ...place(2, "f"), recovered: false };
    expect(begin(lost)).toEqual({ recovered: false });
    expect(progress.position).toBe("f.2.tag2");
    expect(take(progress, 3)).toEqual([true]);
  });

  it("asks for the position, or for none", () => {
    expect(progressOf().progress.asks()).toBe("");
    expect(progressOf("e.5.abc").progress.asks()).toBe("e.5.abc");
  });

  it("tells of a gap within a connection", () => {
    const { progress, onRecovery } = progressOf();
    progress.onFrame({ ...place(0, "f"), recovered: false });
    expect(onRecovery.mock.calls).toEqual([[{ recovered: false }]]);
    expect(progress.position).toBe("f.0.tag0");
  });

  it.each([undefined, null, "e.5", [], {}, { epoch: "e" }, { ...place(1), offset: "1" }])(
    "does not move to a place that it cannot read: %j",
    (payload) => {
      const { progress, onChange } = progressOf();
      expect(() => progress.afterHello(payload)).toThrow(PartyError);
      expect(() => progress.onFrame(payload)).toThrow(PartyError);
      expect(onChange).not.toHaveBeenCalled();
    },
  );

  it("goes on from the page before, and tells of each change", () => {
    const { progress, begin, onChange } = progressOf("e.5.abc");
    expect(begin({ ...place(5), recovered: true })).toEqual({ recovered: true });
    expect(take(progress, 5, 6)).toEqual([false, true]);
    expect(onChange).toHaveBeenCalledTimes(2);
    const { progress: another } = progressOf("e.5.abc");
    another.earlier = undefined;
    expect(another.position).toBeUndefined();
  });
});
