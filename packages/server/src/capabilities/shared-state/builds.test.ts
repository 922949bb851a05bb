import { defineContract, type Schema } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { FakeHost, withStorage } from "../../../test/fake-host";
import { sharedState, type SharedStateOptions } from "./shared-state";

const item = z.object({ text: z.string() });
const newItem = item.extend({ isDone: z.boolean() });

/** The schemas of two builds. The newer one has more fields, at every level. */
const older = z.object({ items: z.record(z.string(), item) });
const newer = z.object({ items: z.record(z.string(), newItem), title: z.string() });

const stored = { items: { a: { text: "Milk", isDone: true } }, title: "Shopping" };

type AnyContract = { readonly shared: Schema<unknown> };

function open(
  storage: DurableObjectStorage,
  shared: Schema<unknown>,
  options: Partial<SharedStateOptions<AnyContract>> = {},
) {
  const contract = defineContract({ shared });
  const feature = sharedState<AnyContract>({ initial: stored, ...options });
  return FakeHost.with(feature, { contract, storage });
}

/** Stores a value with the newer schema. */
function store(storage: DurableObjectStorage): void {
  open(storage, newer, { initial: { ...stored, title: "" } }).api.change(
    (draft) => void Object.assign(draft as object, { title: "Shopping" }),
  );
}

describe("a stored value, in a build with another schema", () => {
  it("keeps the fields that an older build does not know, through changes of others", async () => {
    await withStorage((storage) => {
      store(storage);
      const before = open(storage, older);
      expect(before.api.value).toEqual(stored);
      before.api.change((draft) => {
        (draft as z.infer<typeof older>).items["b"] = { text: "Eggs" };
      });
      const version = before.api.version;
      const after = open(storage, older);
      expect(after.api.version).toBe(version);
      expect(after.api.value).toEqual({
        ...stored,
        items: { ...stored.items, b: { text: "Eggs" } },
      });
    });
  });

  it("loses what `migrate` leaves out", async () => {
    await withStorage((storage) => {
      store(storage);
      const migrated = { items: { a: { text: "Milk" } } };
      const room = open(storage, older, { schemaVersion: 2, migrate: () => migrated });
      expect(room.api.value).toEqual(migrated);
      expect(open(storage, older).api.value).toEqual(migrated);
    });
  });

  it("gets the defaults of a newer build, stored once", async () => {
    await withStorage((storage) => {
      store(storage);
      let made = 0;
      const withId = newer.extend({ id: z.string().default(() => `id-${(made += 1)}`) });
      const { value, version } = open(storage, withId).api;
      expect(value).toEqual({ ...stored, id: "id-1" });
      expect(open(storage, withId).api).toMatchObject({ value, version });
    });
  });
});

/** Each change is made by an older build, in a room that a newer one has changed. */
describe("a change by an older build", () => {
  const task = z.object({ id: z.string(), text: z.string() });
  const newTask = task.extend({ dueAt: z.number().optional() });
  const whole = {
    phase: "a",
    note: "n",
    title: "T",
    items: { a: { text: "Milk", isDone: true }, b: { text: "Eggs", isDone: true } },
    tasks: [{ id: "1", text: "Buy", dueAt: 7 }],
    lines: [{ text: "x", isBold: true }],
  };
  const olderOf = <Items extends z.ZodType>(items: Items) =>
    z.object({
      phase: z.string(),
      note: z.string().optional(),
      items,
      tasks: z.array(task),
      lines: z.array(z.object({ text: z.string() })),
    });
  const plain = olderOf(z.record(z.string(), item));
  const schemas: Record<string, Schema<unknown>> = {
    "checked by key": plain,
    "checked as a whole": plain.refine(() => true),
    "with an optional record": olderOf(z.record(z.string(), item).optional()),
  };
  const all = z.object({
    phase: z.string(),
    note: z.string().optional(),
    title: z.string().optional(),
    items: z.record(z.string(), item.extend({ isDone: z.boolean().optional() })),
    tasks: z.array(newTask),
    lines: z.array(z.object({ text: z.string(), isBold: z.boolean().optional() })),
  });
  type Value = z.infer<typeof all>;

  it.each(Object.keys(schemas))("leaves alone what it does not touch: %s", async (title) => {
    await withStorage((storage) => {
      const newest = open(storage, all, { initial: { ...whole, phase: "" } });
      newest.api.change((draft) => void ((draft as Value).phase = "a"));
      const room = open(storage, schemas[title]!, { initial: whole });
      expect(room.api.value).toEqual(whole);
      room.api.change((draft) => void ((draft as Value).phase = "b"));
      room.api.change((draft) => void delete (draft as Value).note);
      room.api.change((draft) => void ((draft as Value).items["b"] = { text: "Six eggs" }));
      room.api.change((draft) => void (draft as Value).tasks.push({ id: "2", text: "Cook" }));
      const { note: _note, ...others } = whole;
      const items = { ...whole.items, b: { text: "Six eggs" } };
      const tasks = [...whole.tasks, { id: "2", text: "Cook" }];
      expect(open(storage, all).api.value).toEqual({ ...others, phase: "b", items, tasks });
    });
  });

  it("is migrated again by the newer build", async () => {
    await withStorage((storage) => {
      const migrated = z.object({ items: z.record(z.string(), newItem) });
      const newest = () =>
        open(storage, migrated, {
          schemaVersion: 2,
          migrate(stored) {
            const { items } = stored as z.infer<typeof older>;
            const entries = Object.entries(items).map(([name, each]) => [
              name,
              { isDone: false, ...each },
            ]);
            return { items: Object.fromEntries(entries) };
          },
        });
      const oldest = () => open(storage, older, { initial: { items: {} } });
      const add = (name: string) => (draft: unknown) => {
        (draft as z.infer<typeof older>).items[name] = { text: name };
      };
      oldest().api.change(add("a"));
      newest();
      oldest().api.change(add("b"));
      expect(newest().api.value).toEqual({
        items: { a: { text: "a", isDone: false }, b: { text: "b", isDone: false } },
      });
    });
  });
});

describe("a schema that removes data", () => {
  type Log = { log: Record<string, number> };

  it("removes it, with each change", async () => {
    await withStorage((storage) => {
      const last = z
        .record(z.string(), z.number())
        .transform((all) => Object.fromEntries(Object.entries(all).slice(-2)));
      const room = open(storage, z.object({ log: last }), { initial: { log: {} } });
      for (const name of ["a", "b", "c", "d"]) {
        room.api.change((draft) => void ((draft as Log).log[name] = 1));
      }
      expect(room.api.value).toEqual({ log: { c: 1, d: 1 } });
    });
  });

  it("may move items without ids, each with its own fields", async () => {
    await withStorage((storage) => {
      const line = z.object({ name: z.string(), note: z.string().optional() });
      const lines = [{ name: "b", note: "of b" }, { name: "a" }];
      const initial = { lines, n: 0 };
      open(storage, z.object({ n: z.number(), lines: z.array(line) }), { initial }).api.change(
        (draft) => void ((draft as { n: number }).n = 1),
      );
      const sorted = z
        .array(line)
        .transform((all) => all.toSorted((one) => (one.name < "b" ? -1 : 1)));
      const room = open(storage, z.object({ n: z.number(), lines: sorted }), { initial });
      expect(room.api.value).toEqual({ n: 1, lines: [lines[1], lines[0]] });
    });
  });

  it("does not store what it would refuse at the next start", async () => {
    await withStorage((storage) => {
      const initial = { kind: { type: "a", x: 1 }, n: 0 };
      open(storage, z.looseObject({ n: z.number() }), { initial }).api.change(
        (draft) => void ((draft as { n: number }).n = 1),
      );
      const kind = z
        .strictObject({ type: z.literal("b") })
        .or(z.object({ type: z.literal("a") }).transform(() => ({ type: "b" as const })));
      const start = () =>
        open(storage, z.object({ n: z.number(), kind }), {
          initial: { n: 0, kind: { type: "b" } },
        });
      expect(start().api.value).toEqual({ n: 1, kind: { type: "b" } });
      expect(start().api.value).toEqual({ n: 1, kind: { type: "b" } });
    });
  });
});
