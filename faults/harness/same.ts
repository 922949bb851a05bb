/** Whether two values are the same JSON, whatever the order of its keys. */
export function same(one: unknown, other: unknown): boolean {
  return told(one) === told(other);
}

/** JSON with its keys in one order. */
export function told(value: unknown): string {
  // TypeScript does not know that it returns undefined for undefined.
  const text: string | undefined = JSON.stringify(value, (_key, inner: unknown) => sorted(inner));
  return text ?? "nothing";
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
