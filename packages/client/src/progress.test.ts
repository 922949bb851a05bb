import { fingerprintOf } from "@partyflare/shared";
import { describe, expect, it, vi } from "vitest";
import { Progress } from "./progress";

const frame = (offset: number) => `["said",${offset},${offset}]`;

describe("how far a client has come", () => {
  it("is nothing before the room has said where to begin", () => {
    expect(new Progress().position).toBeUndefined();
    expect(new Progress("e.5.abc").position).toBe("e.5.abc");
  });

  it("is the last event that it took, with its fingerprint", () => {
    const progress = new Progress();
    expect(progress.begin({ epoch: "e", offset: 3 })).toBeUndefined();
    expect(progress.position).toBe("e.3.");
    expect(progress.takes(4, frame(4))).toBe(true);
    // The room leaves out what this client may not see.
    expect(progress.takes(9, frame(9))).toBe(true);
    expect(progress.position).toBe(`e.9.${fingerprintOf(frame(9))}`);
  });

  it("takes no event twice, and none that is older", () => {
    const progress = new Progress();
    progress.begin({ epoch: "e", offset: 0 });
    const taken = [1, 2, 2, 1, 3].map((offset) => progress.takes(offset, frame(offset)));
    expect(taken).toEqual([true, true, false, false, true]);
  });

  it("goes on where all is recovered, and begins anew where it is not", () => {
    const progress = new Progress();
    progress.begin({ epoch: "e", offset: 0 });
    progress.takes(5, frame(5));
    const recovered = progress.begin({ epoch: "e", offset: 5, recovered: true });
    expect(recovered).toEqual({ recovered: true });
    expect(progress.takes(5, frame(5))).toBe(false);
    expect(progress.begin({ epoch: "f", offset: 2, recovered: false })).toEqual({
      recovered: false,
    });
    expect(progress.position).toBe("f.2.");
    expect(progress.takes(3, frame(3))).toBe(true);
  });

  it("goes on from the page before, and tells of each change", () => {
    const changed = vi.fn();
    const progress = new Progress("e.5.abc", changed);
    expect(progress.begin({ epoch: "e", offset: 5, recovered: true })).toEqual({ recovered: true });
    expect(progress.takes(5, frame(5))).toBe(false);
    progress.takes(6, frame(6));
    expect(changed).toHaveBeenCalledTimes(2);
    const another = new Progress("e.5.abc");
    another.startAnew();
    expect(another.position).toBeUndefined();
  });
});
