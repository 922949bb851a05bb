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

  it("have a window from 0 to 1,000 ms, which a subclass can take back", () => {
    class Batched extends Party {
      static override options: PartyOptions = { batch: { windowMs: 16 } };
    }
    class Plain extends Batched {
      static override options: PartyOptions = { batch: { windowMs: 0 } };
    }
    expect(resolveOptions(Batched).batch).toEqual({ windowMs: 16 });
    expect(resolveOptions(Plain).batch).toEqual({ windowMs: 0 });
    for (const windowMs of [-1, 1_001, Infinity, Number.NaN]) {
      class Strange extends Party {
        static override options: PartyOptions = { batch: { windowMs } };
      }
      const message = `Strange.options.batch.windowMs is a number from 0 to 1000, not ${windowMs}.`;
      expect(() => resolveOptions(Strange)).toThrow(new RangeError(message));
    }
  });
});
