import { isThenable } from "@partyflare/shared/internal";
import { create, current, isDraft } from "mutative";
import { checkKey, isPlain, type Path, sealed } from "./json";
import type { SharedValue } from "./shared-value";

/** A change of a key, before it is checked. */
export type Edit =
  | { readonly kind: "gone" }
  | { readonly kind: "set"; readonly value: unknown }
  /** Of a record: the entries that were set or deleted. */
  | {
      readonly kind: "entries";
      readonly set: ReadonlyMap<string, unknown>;
      readonly gone: ReadonlySet<string>;
    };

/** The changes of a value by key. */
export type Edits = ReadonlyMap<string, Edit>;

/** What a draft shows of the value below it. */
interface Source {
  has(key: string): boolean;
  keys(): Iterable<string>;
  get(key: string): unknown;
  /** Returns the source of a key whose entries have drafts of their own. */
  inner(key: string): Source | undefined;
}

/** What was done to a key of a draft. */
type Touched =
  | { readonly kind: "set"; readonly value: unknown }
  | { readonly kind: "gone" }
  | { readonly kind: "record"; readonly draft: Draft }
  | { readonly kind: "value"; readonly draft: object };

/**
 * Lets a function change a draft of the value, and returns what it has changed. The value stays as
 * it is. The draft cannot be used afterwards.
 *
 * @throws what the function throws; TypeError if it is async.
 */
export function edit(value: SharedValue, update: (draft: unknown) => unknown): Edits {
  if (Object.prototype.toString.call(update) === "[object AsyncFunction]") throw notSynchronous();
  const draft = new Draft(sourceOf(value), []);
  try {
    // Its result is ignored: an arrow function returns the value of an assignment.
    const result = update(draft.proxy);
    if (isThenable(result)) {
      Promise.resolve(result).catch(() => {});
      throw notSynchronous();
    }
    const edits = draft.edits();
    if (edits.size === 0 && isPlain(result) && !isDraft(result) && !draft.owns(result)) {
      throw new TypeError("change() ignores what its function returns: assign to the draft.");
    }
    return edits;
  } finally {
    draft.end();
  }
}

/**
 * An object of the draft whose properties are rows: the value, or a record in it. It copies nothing,
 * whatever its size. mutative makes the drafts of everything below.
 */
class Draft {
  readonly proxy: object;
  readonly #touched = new Map<string, Touched>();
  /** Ends the drafts in this one, also of keys that were set or deleted later. */
  readonly #ends: (() => unknown)[] = [];
  readonly #source: Source;
  readonly #path: Path;
  readonly #revoke: () => void;

  constructor(source: Source, path: Path) {
    this.#source = source;
    this.#path = path;
    const { proxy, revoke } = Proxy.revocable<Record<string, unknown>>(
      {},
      {
        has: (target, key) => this.#has(key) || Reflect.has(target, key),
        get: (target, key, receiver) => {
          // Otherwise an assignment to a property of it would change all objects.
          if (key === "__proto__") checkKey(key, this.#path);
          return this.#has(key) ? this.#get(key) : inherited(target, key, receiver);
        },
        set: (_target, key, next) => this.#set(key, next),
        deleteProperty: (_target, key) => {
          if (this.#has(key)) this.#touched.set(key, { kind: "gone" });
          return true;
        },
        ownKeys: () => this.#keys(),
        getOwnPropertyDescriptor: (_target, key) => {
          if (!this.#has(key)) return undefined;
          // Without a draft: `Object.keys` asks for the descriptor of each key.
          const value = this.#read(key);
          return { configurable: true, enumerable: true, writable: true, value };
        },
        defineProperty: refuse,
        setPrototypeOf: refuse,
        preventExtensions: refuse,
      },
    );
    this.proxy = proxy;
    this.#revoke = revoke;
  }

  /** Returns the changes by key, with sealed values. */
  edits(): Map<string, Edit> {
    const edits = new Map<string, Edit>();
    for (const [key, touched] of this.#touched) {
      const edit = this.#edit(key, touched);
      if (edit) edits.set(key, edit);
    }
    return edits;
  }

  /** Whether an object is this draft, or one in it. */
  owns(proxy: object): boolean {
    if (this.proxy === proxy) return true;
    return Array.from(this.#touched.values()).some(
      (touched) => touched.kind === "record" && touched.draft.owns(proxy),
    );
  }

  /** Ends the draft, and all drafts in it. */
  end(): void {
    this.#revoke();
    for (const end of this.#ends) end();
  }

  #edit(key: string, touched: Touched): Edit | undefined {
    switch (touched.kind) {
      case "set":
        return { kind: "set", value: sealed(touched.value, [...this.#path, key]) };
      case "gone":
        return this.#source.has(key) ? { kind: "gone" } : undefined;
      case "value": {
        const value = this.#current(key, touched.draft);
        if (value === this.#source.get(key)) return undefined;
        return { kind: "set", value: sealed(value, [...this.#path, key]) };
      }
      case "record":
        return entriesEdit(touched.draft.edits());
      default:
        return touched satisfies never;
    }
  }

  #current(key: string, draft: object): unknown {
    try {
      return current(draft);
    } catch (error) {
      // Of a cycle, for which there is a better error.
      if (error instanceof RangeError) sealed(draft, [...this.#path, key]);
      throw error;
    }
  }

  #has(key: PropertyKey): key is string {
    if (typeof key !== "string") return false;
    const touched = this.#touched.get(key);
    return touched ? touched.kind !== "gone" : this.#source.has(key);
  }

  #keys(): string[] {
    const keys = new Set(this.#source.keys());
    for (const key of this.#touched.keys()) keys.add(key);
    return Array.from(keys).filter((key) => this.#has(key));
  }

  #get(key: string): unknown {
    const touched = this.#touched.get(key) ?? this.#open(key);
    if (!touched || touched.kind === "gone") return this.#source.get(key);
    if (touched.kind === "set") return touched.value;
    return touched.kind === "record" ? touched.draft.proxy : touched.draft;
  }

  #read(key: string): unknown {
    const touched = this.#touched.get(key);
    return touched ? this.#get(key) : this.#source.get(key);
  }

  /** Makes the draft of an object. */
  #open(key: string): Touched | undefined {
    const inner = this.#source.inner(key);
    if (inner) {
      const draft = new Draft(inner, [...this.#path, key]);
      this.#ends.push(() => draft.end());
      const touched: Touched = { kind: "record", draft };
      this.#touched.set(key, touched);
      return touched;
    }
    const value = this.#source.get(key);
    if (typeof value !== "object" || value === null) return undefined;
    const [draft, end] = create(value, { mark: refusePrototypes });
    this.#ends.push(() => finish(end));
    const touched: Touched = { kind: "value", draft };
    this.#touched.set(key, touched);
    return touched;
  }

  #set(key: PropertyKey, value: unknown): boolean {
    if (typeof key !== "string") throw new TypeError("The shared state has no symbols as keys.");
    checkKey(key, this.#path);
    const touched = this.#touched.get(key);
    // `draft.list = draft.list` changes nothing.
    const isItsDraft = touched && touched.kind !== "gone" && this.#get(key) === value;
    if (!isItsDraft) this.#touched.set(key, { kind: "set", value });
    return true;
  }
}

function entriesEdit(edits: Edits): Edit | undefined {
  const set = new Map<string, unknown>();
  const gone = new Set<string>();
  for (const [name, edit] of edits) {
    if (edit.kind === "set") set.set(name, edit.value);
    if (edit.kind === "gone") gone.add(name);
  }
  return edits.size > 0 ? { kind: "entries", set, gone } : undefined;
}

function sourceOf(value: SharedValue): Source {
  return {
    has: (key) => value.kind(key) !== undefined,
    keys: () => value.keys(),
    get: (key) => value.get(key),
    inner(key) {
      if (value.kind(key) !== "record") return undefined;
      const entries = value.entries(key);
      return {
        has: (name) => entries.has(name),
        keys: () => entries.keys(),
        get: (name) => entries.get(name)?.value,
        inner: () => undefined,
      };
    },
  };
}

/** How often mutative may fail to end a draft. */
const MAX_ATTEMPTS = 10_000;

/**
 * Ends a draft of mutative. It fails at a part that belongs to another draft, if that has ended. Each
 * further attempt goes on behind that part.
 */
function finish(end: () => unknown): void {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      end();
      return;
    } catch {
      // Its result is not used.
    }
  }
}

/** mutative calls it for each value that is read. */
function refusePrototypes(value: unknown): undefined {
  if (value === Object.prototype || value === Array.prototype) checkKey("__proto__", []);
}

/**
 * Returns a property of all objects, as a method of the draft. A name that a client has chosen must
 * not lead to the method of all objects.
 */
function inherited(target: object, key: PropertyKey, draft: unknown): unknown {
  const value: unknown = Reflect.get(target, key);
  // oxlint-disable-next-line typescript/no-unsafe-argument -- `bind` takes any function
  return typeof value === "function" ? Object.freeze(value.bind(draft)) : value;
}

function refuse(): never {
  throw new TypeError("A draft of the shared state takes assignments and `delete` only.");
}

function notSynchronous(): TypeError {
  return new TypeError(
    "change() takes a synchronous function: a draft ends when it returns. Await first.",
  );
}
