/** A deeply read-only version of a type. */
export type Immutable<Value> = Value extends (infer Item)[] | readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : Value extends Map<infer Key, infer Item>
    ? ReadonlyMap<Immutable<Key>, Immutable<Item>>
    : Value extends Set<infer Item>
      ? ReadonlySet<Immutable<Item>>
      : Value extends Date | RegExp | ArrayBuffer | ArrayBufferView
        ? Value
        : Value extends object
          ? { readonly [Key in keyof Value]: Immutable<Value[Key]> }
          : Value;
