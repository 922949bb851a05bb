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
