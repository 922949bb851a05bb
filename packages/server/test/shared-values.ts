import fc from "fast-check";

const name = fc.constantFrom("a", "b", "c", "0");
const leaf = fc.oneof(fc.nat({ max: 2 }), fc.constantFrom("x", null));
const plain = { noNullPrototype: true } as const;
const item = fc.record({ id: fc.constantFrom("1", "2", "3", "4", "5", "0"), of: leaf }, plain);
const list = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 6 });

const part = fc.oneof(
  leaf,
  list,
  list,
  fc.array(item, { maxLength: 3 }),
  fc.dictionary(name, fc.oneof(leaf, list), { maxKeys: 4, ...plain }),
);

/** Values of a shared state, with keys of all kinds. Two of them often have much in common. */
export const sharedValues = fc.dictionary(name, part, { maxKeys: 3, ...plain });
