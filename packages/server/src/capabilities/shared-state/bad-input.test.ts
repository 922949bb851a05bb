import { defineContract, PartyError, type Schema } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { FakeHost, withStorage } from "../../../test/fake-host";
import { sharedState, type SharedStateOptions } from "./shared-state";

const shared = z.object({
  phase: z.enum(["open", "closed"]),
  votes: z.record(z.string(), z.unknown()),
});
const contract = defineContract({ shared });
type Value = z.output<typeof shared>;
type Options = Partial<SharedStateOptions<typeof contract>>;

const initial: Value = { phase: "open", votes: {} };

function open(storage: DurableObjectStorage, options: Options = {}, schema: Schema = shared) {
  return FakeHost.with(sharedState<typeof contract>({ initial, ...options }), {
    contract: defineContract({ shared: schema }) as typeof contract,
    storage,
  });
}

const rowsIn = ({ sql }: DurableObjectStorage) =>
  sql.exec(`SELECT * FROM partyflare_shared`).toArray();

const cycle: unknown[] = [];
cycle.push({ cycle });
const set = (value: unknown) => (draft: Value) => void (draft.votes["ada"] = value);

const BAD: Record<string, [change: (draft: Value) => unknown, error: RegExp]> = {
  "a value that the schema refuses": [(draft) => (draft.phase = "x" as "open"), /not valid/],
  "a key that it requires, deleted": [
    (draft) => delete (draft as Partial<Value>).phase,
    /not valid/,
  ],
  "an entry over 512 KiB": [set("x".repeat(524_288)), /"votes\.ada" .* has 5\d+ bytes/],
  "an entry over 512 KiB in UTF-8": [set("é".repeat(300_000)), /"votes\.ada" .* has 6\d+ bytes/],
  "a value over maxBytes": [
    ({ votes }) => Object.assign(votes, { a: "x".repeat(500_000), b: "x".repeat(500_000) }),
    /would have 1\d+ bytes\. At most 900000/,
  ],
  "a key __proto__": [
    ({ votes }) => Object.assign(votes, JSON.parse('{"__proto__":1}')),
    /__proto__/,
  ],
  "a key __proto__ deep in a value": [set(JSON.parse('[{"__proto__":{"x":1}}]')), /__proto__/],
  NaN: [set(Number.NaN), /"votes\.ada" is NaN/],
  "a Date": [set(new Date(0)), /"votes\.ada" is a Date/],
  "a cycle": [set(cycle), /or a cycle/],
  undefined: [set(undefined), /"votes\.ada" is undefined\. To remove a key, delete it/],
  "a function": [set(() => {}), /"votes\.ada" is a function/],
  "an async function": [async (draft) => void (draft.phase = "closed"), /synchronous function/],
  "a promise": [() => Promise.resolve(), /synchronous function/],
  "a function that throws": [
    (draft) => {
      draft.phase = "closed";
      throw new Error("of the app");
    },
    /of the app/,
  ],
};

describe("a change that is refused", () => {
  it.each(Object.keys(BAD))("has a clear error, and changes nothing: %s", async (title) => {
    const [change, error] = BAD[title]!;
    await withStorage((storage) => {
      const room = open(storage, { maxBytes: 900_000 });
      room.api.change(set({ by: "ada" }));
      const ada = room.connect("ada");
      room.pass(100);
      const [value, rows] = [room.api.value, rowsIn(storage)];
      ada.take();
      const wrong = () =>
        room.api.change((draft) => {
          draft.phase = "closed";
          return change(draft) as void;
        });
      expect(wrong).toThrow(error);
      room.pass(100);
      expect(room.api.value).toBe(value);
      expect(room.api.version).toBe(1);
      expect(rowsIn(storage)).toEqual(rows);
      expect(ada.take()).toEqual([]);
      expect(room.errors).toEqual([]);
      room.api.change((draft) => void (draft.phase = "closed"));
      room.pass(100);
      expect(ada.take()).toMatchObject([{ version: 2, set: [["phase", "closed"]] }]);
    });
  });

  it("is an error for the client if its data may be the cause, with the path", async () => {
    await withStorage((storage) => {
      const room = open(storage);
      const codeOf = (change: (draft: Value) => unknown) => {
        try {
          room.api.change((draft) => void change(draft));
        } catch (error) {
          return error instanceof PartyError ? error : undefined;
        }
        return undefined;
      };
      expect(codeOf(BAD["a value that the schema refuses"]![0])).toMatchObject({
        code: "invalid",
        issues: [{ path: ["phase"] }],
      });
      expect(codeOf(BAD["a key __proto__"]![0])).toMatchObject({
        code: "invalid",
        issues: [{ path: ["votes", "__proto__"] }],
      });
      expect(codeOf(BAD["an entry over 512 KiB"]![0])?.code).toBe("too_large");
      expect(codeOf(BAD["NaN"]![0])).toBeUndefined();
    });
  });

  it("may be one in a change or in a view", async () => {
    await withStorage((storage) => {
      const room = open(storage, {
        view: (value) => {
          if (value.phase === "closed") room.api.change(set(1));
          return value;
        },
      });
      const ada = room.connect("ada");
      const nested = () => room.api.change(() => room.api.change(set(1)));
      expect(nested).toThrow(/called by change\(\)/);
      expect(room.api.version).toBe(0);
      room.api.change((draft) => void (draft.phase = "closed"));
      room.pass(100);
      expect(String(room.errors[0]?.error)).toMatch(/called by view/);
      expect([room.api.version, ada.closeCode]).toEqual([1, 1011]);
    });
  });
});

describe("a schema that cannot be used", () => {
  const later = shared.refine(async () => true);
  const throwing = z.object({ phase: z.unknown(), votes: z.unknown() }).refine(({ phase }) => {
    if (phase === "closed") throw new RangeError("of the schema");
    return true;
  });
  const standard = {
    "~standard": {
      version: 1,
      vendor: "nobody",
      validate(value: unknown) {
        if ((value as Value).phase === "closed") throw new RangeError("of the schema");
        return { value };
      },
    },
  } as Schema;

  it("is async: the room does not start", async () => {
    await withStorage((storage) => {
      expect(() => open(storage, {}, later)).toThrow(/async check/);
    });
  });

  it("is of no object, or refuses `initial`: the room does not start", async () => {
    await withStorage((storage) => {
      expect(() =>
        open(
          storage,
          {},
          z.any().transform(() => [1]),
        ),
      ).toThrow(/no schema of an object/);
      expect(() => open(storage, {}, z.object({ phase: z.number() }))).toThrow(
        /sharedState\(\{ initial \}\) does not fit the contract: phase: /,
      );
    });
  });

  it.each<[string, Schema, RegExp]>([
    ["of zod, which returns a promise", throwing, /one that throws/],
    ["of another vendor", standard, /of the schema/],
  ])("throws, %s: nothing has changed", async (_title, schema, error) => {
    await withStorage((storage) => {
      const room = open(storage, {}, schema);
      expect(() => room.api.change((draft) => void (draft.phase = "closed"))).toThrow(error);
      expect([room.api.version, room.api.value]).toEqual([0, initial]);
    });
  });

  it("gives what it would not take: the room does not start, rather than after its next wake", async () => {
    await withStorage((storage) => {
      const count = z.object({
        phase: z.string().transform((text) => text.length),
        votes: z.unknown(),
      });
      expect(() => open(storage, {}, count)).toThrow(/does not accept its own output.*phase: /);
      const grows = z.object({
        phase: z.string().transform((text) => `${text}!`),
        votes: z.unknown(),
      });
      expect(() => open(storage, {}, grows)).toThrow(/does not accept its own output/);
    });
  });
});

describe("options that cannot be used", () => {
  it.each<[object, RegExp]>([
    [{ initial: undefined }, /initial \}\) is required/],
    [{ view: 1 }, /view \}\) is a function, not number/],
    [{ viewOf: () => "" }, /viewOf \}\) needs a `view`/],
    [{ migrate: () => {} }, /needs a `schemaVersion` of 2/],
    [{ persist: "no" }, /persist \}\) is true or false/],
    [{ maxBytes: 1 }, /maxBytes \}\) is a whole number from 2/],
    [{ keepTombstones: -1 }, /keepTombstones/],
    [{ keepTombstonesMs: 0.5 }, /keepTombstonesMs/],
    [{ schemaVersion: 0 }, /schemaVersion/],
    [{ keepTombstone: 1 }, /sharedState\(\{ keepTombstone \}\): the options are/],
  ])("%j", (options, error) => {
    const all = { initial, ...options } as SharedStateOptions<typeof contract>;
    expect(() => sharedState(all)).toThrow(error);
  });
});
