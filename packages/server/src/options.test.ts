import { describe, expect, it } from "vitest";
import { Party, type PartyOptions } from "./index";
import { resolveOptions } from "./options";

describe("static options", () => {
  it("default to a room in memory", () => {
    class Plain extends Party {}
    expect(resolveOptions(Plain)).toMatchObject({ hibernate: false });
  });

  it("are inherited by subclasses of subclasses, with or without options of their own", () => {
    class Base extends Party {
      static override options: PartyOptions = { hibernate: true };
    }
    class Silent extends Base {}
    class Empty extends Silent {
      static override options: PartyOptions = { hibernate: undefined };
    }
    class Contrary extends Empty {
      static override options: PartyOptions = { hibernate: false };
    }
    expect(resolveOptions(Silent)).toMatchObject({ hibernate: true });
    expect(resolveOptions(Empty)).toMatchObject({ hibernate: true });
    expect(resolveOptions(Contrary)).toMatchObject({ hibernate: false });
  });

  it("that do not exist, or have the wrong type, are refused by name", () => {
    class Misspelt extends Party {
      static override options = { hibernat: true } as PartyOptions;
    }
    class Mistyped extends Party {
      static override options = { hibernate: "yes" } as unknown as PartyOptions;
    }
    expect(() => resolveOptions(Misspelt)).toThrow("Misspelt.options.hibernat does not exist");
    expect(() => resolveOptions(Mistyped)).toThrow("Mistyped.options.hibernate is a boolean");
  });

  it("have a window of 16 ms, which a class sets, takes back, or sets again", () => {
    class Default extends Party {}
    class Longer extends Party {
      static override options: PartyOptions = { batch: { windowMs: 50 } };
    }
    class Without extends Longer {
      static override options: PartyOptions = { batch: false };
    }
    class Silent extends Without {
      static override options: PartyOptions = { batch: undefined };
    }
    class Again extends Silent {
      static override options: PartyOptions = { batch: { windowMs: 1_000 } };
    }
    const windowOf = (party: { name: string; options?: PartyOptions }) =>
      resolveOptions(party).batch.windowMs;
    expect(windowOf(Default)).toBe(16);
    expect(windowOf(Longer)).toBe(50);
    expect(windowOf(Without)).toBe(0);
    expect(windowOf(Silent)).toBe(0);
    expect(windowOf(Again)).toBe(1_000);
  });

  it("have a window of more than 0 and at most 1,000 ms", () => {
    for (const windowMs of [-1, 0, 1_001, Infinity, Number.NaN]) {
      class Strange extends Party {
        static override options: PartyOptions = { batch: { windowMs } };
      }
      const message = `Strange.options.batch.windowMs is above 0 and at most 1000, not ${windowMs}.`;
      expect(() => resolveOptions(Strange)).toThrow(new RangeError(message));
    }
    for (const batch of [true, 16, null]) {
      class Mistyped extends Party {
        static override options = { batch } as unknown as PartyOptions;
      }
      expect(() => resolveOptions(Mistyped)).toThrow("Mistyped.options.batch");
    }
  });
});
