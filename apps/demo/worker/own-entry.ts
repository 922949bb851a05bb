/** Returns a client's entry of a record by client, without those of others: for a client's view. */
export function ownEntry<Value>(
  record: Readonly<Record<string, Value>>,
  client: string,
): Record<string, Value> {
  const entry = record[client];
  return entry === undefined ? {} : { [client]: entry };
}
