import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "../../../../../harness/scale";
import { edit } from "./draft";
import { sealed } from "./json";
import { replacing } from "./schema-check";
import { SharedValue } from "./shared-value";
import { writesOf } from "./writes";

type Tree = Record<string, unknown>;

/** A step of a function that changes a draft. It does nothing where the path leads to no object. */
type Step =
  | { kind: "set"; path: string[]; value: unknown }
  | { kind: "delete"; path: string[] }
  /** The object at one path is also assigned to another, which may be in it or around it. */
  | { kind: "assign"; path: string[]; from: string[]; wraps: boolean }
  /** It is kept, and assigned after all other steps. */
  | { kind: "keep"; path: string[]; from: string[] }
  | {
      kind: "call";
      path: string[];
      method: "pop" | "push" | "reverse" | "shift" | "sort" | "splice";
    };

const name = fc.constantFrom("a", "b", "c", "0", "1");
const path = fc.array(name, { minLength: 1, maxLength: 4 });
const leaf = fc.oneof(fc.nat({ max: 3 }), fc.constantFrom("x", null, true));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.dictionary(name, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.uniqueArray(
      fc.record({ id: fc.constantFrom("1", "2", "3"), a: leaf }, { noNullPrototype: true }),
      {
        selector: ({ id }) => id,
        maxLength: 3,
      },
    ),
  ),
}));
const value = fc.dictionary(name, tree, { noNullPrototype: true }) as fc.Arbitrary<Tree>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), path, value: tree }),
  fc.record({ kind: fc.constant("delete" as const), path }),
  fc.record({ kind: fc.constant("assign" as const), path, from: path, wraps: fc.boolean() }),
  fc.record({ kind: fc.constant("keep" as const), path, from: path }),
  fc.record({
    kind: fc.constant("call" as const),
    path,
    method: fc.constantFrom("pop", "push", "reverse", "shift", "sort", "splice"),
  }),
);

function isObject(each: unknown): each is Tree {
  return typeof each === "object" && each !== null;
}

function at(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    root,
  );
}

/** Assigns a value. An array gets no holes, since JSON has none. */
function assign(root: unknown, keys: readonly string[], assigned: unknown): void {
  const parent = at(root, keys.slice(0, -1));
  const last = String(keys.at(-1));
  if (!isObject(parent) || assigned === undefined) return;
  if (Array.isArray(parent) && !(Number(last) < parent.length)) return;
  parent[last] = assigned;
}

function run(root: Tree, steps: readonly Step[]): void {
  const kept: (() => void)[] = [];
  for (const each of steps) {
    switch (each.kind) {
      case "set":
        assign(root, each.path, structuredClone(each.value));
        break;
      case "delete": {
        const parent = at(root, each.path.slice(0, -1));
        if (isObject(parent) && !Array.isArray(parent)) delete parent[String(each.path.at(-1))];
        break;
      }
      case "assign": {
        const found = at(root, each.from);
        if (found !== undefined) assign(root, each.path, each.wraps ? { a: [found] } : found);
        break;
      }
      case "keep": {
        const found = at(root, each.from);
        kept.push(() => assign(root, each.path, found));
        break;
      }
      case "call":
        call(at(root, each.path), each.method);
        break;
      default:
        each satisfies never;
    }
  }
  for (const later of kept) later();
}

function call(list: unknown, method: Extract<Step, { kind: "call" }>["method"]): void {
  if (!Array.isArray(list)) return;
  if (method === "push") list.push(7);
  else if (method === "splice") list.splice(0, 1, { id: "9" });
  else if (method === "sort") list.sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
  else list[method]();
}

/** A text that a cycle cannot make endless. */
function textOf(each: unknown): string {
  return isObject(each) ? Object.keys(each).join() : String(each);
}

function plainly(before: Tree, steps: readonly Step[]): unknown {
  const plain = structuredClone(before);
  run(plain, steps);
  try {
    return JSON.parse(JSON.stringify(plain)) as unknown;
  } catch {
    return "a cycle";
  }
}

it("a draft ends as a plain object does, after any steps, and leaves the value alone", () => {
  fc.assert(
    fc.property(value, fc.array(step, { minLength: 1, maxLength: 8 }), (before, steps) => {
      const shared = new SharedValue();
      const first = sealed(before, []) as Tree;
      shared.apply(writesOf(shared, replacing(first, shared)), 0, 0);
      let after: unknown;
      try {
        const edits = edit(shared, (draft) => run(draft as Tree, steps));
        expect(shared.value).toEqual(before);
        shared.apply(writesOf(shared, edits), 1, 0);
        after = shared.value;
      } catch (error) {
        expect(String(error)).toContain("cycle");
        after = "a cycle";
      }
      expect(after).toEqual(plainly(before, steps));
    }),
    { numRuns: cases(10_000) },
  );
});
