import { describe, expect, it, vi } from "vitest";
import { Progress } from "./progress";

/** A place in a room whose storage has the epoch `e`, with a tag of its own. */
const place = (offset: number, epoch = "e") => ({ epoch, offset, tag: `tag${offset}` });

const take = (progress: Progress, ...offsets: number[]) =>
  offsets.map((offset) => progress.takes(offset, `tag${offset}`));

describe("how far a client has come", () => {
  it("is nothing before the room has said where to begin", () => {
    expect(new Progress().position).toBeUndefined();
    expect(new Progress("e.5.abc").position).toBe("e.5.abc");
  });

  it.each(["", "nonsense", "e.5", "e.x.abc", "x".repeat(9_000), "e.5.abc\n"])(
    "is nothing where no room can read it: %j",
    (earlier) => {
      expect(new Progress(earlier).position).toBeUndefined();
    },
  );

  it("is lost, and that is told, where the room has told one that it cannot read itself", () => {
    const progress = new Progress();
    expect(progress.begin(place(3, "x".repeat(300)))).toBeUndefined();
    expect(progress.position).toBeUndefined();
    expect(progress.begin(place(5))).toEqual({ recovered: false });
    expect(progress.position).toBe("e.5.tag5");
  });

  it("is the last event that it took, with the tag that the room gave it", () => {
    const progress = new Progress();
    expect(progress.begin(place(3))).toBeUndefined();
    expect(progress.position).toBe("e.3.tag3");
    // The room leaves out what this client may not see.
    expect(take(progress, 4, 9)).toEqual([true, true]);
    expect(progress.position).toBe("e.9.tag9");
  });

  it("takes no event twice, and none that is older", () => {
    const progress = new Progress();
    progress.begin(place(0));
    expect(take(progress, 1, 2, 2, 1, 3)).toEqual([true, true, false, false, true]);
  });

  it("keeps the tag of the event that it took when another comes under its offset", () => {
    const progress = new Progress();
    progress.begin(place(0));
    take(progress, 1);
    expect(progress.takes(1, "another")).toBe(false);
    expect(progress.position).toBe("e.1.tag1");
  });

  it("goes on where all is recovered, and begins anew where it is not", () => {
    const progress = new Progress();
    progress.begin(place(0));
    take(progress, 5);
    expect(progress.begin({ ...place(5), recovered: true })).toEqual({ recovered: true });
    expect(take(progress, 5)).toEqual([false]);
    const lost = { ...place(2, "f"), recovered: false };
    expect(progress.begin(lost)).toEqual({ recovered: false });
    expect(progress.position).toBe("f.2.tag2");
    expect(take(progress, 3)).toEqual([true]);
  });

  it("goes on from the page before, and tells of each change", () => {
    const changed = vi.fn();
    const progress = new Progress("e.5.abc", changed);
    expect(progress.begin({ ...place(5), recovered: true })).toEqual({ recovered: true });
    expect(take(progress, 5, 6)).toEqual([false, true]);
    expect(changed).toHaveBeenCalledTimes(2);
    const another = new Progress("e.5.abc");
    another.startAnew();
    expect(another.position).toBeUndefined();
  });
});
