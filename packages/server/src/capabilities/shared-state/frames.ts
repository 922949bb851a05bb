import {
  MAX_REPLAY_BYTES,
  type WireShared,
  type WireSharedEntry,
  type WireSharedPlace,
} from "@partyflare/shared/internal";
import type { Difference } from "./feed";
import { entriesOf, kindOf } from "./shared-value";

/** The part of a frame that differs from one to the next. */
type Chunk = Pick<WireShared, "gone" | "more" | "reset" | "set">;

/** Returns the frames that carry a difference. Each has a limited size, if no entry is larger. */
export function chunksOf({ gone, set, isReset }: Difference): readonly Chunk[] {
  const chunks: { gone: WireSharedPlace[]; set: WireSharedEntry[] }[] = [];
  let length = Infinity;
  const add = (text: string): { gone: WireSharedPlace[]; set: WireSharedEntry[] } => {
    if (length + text.length > MAX_REPLAY_BYTES) {
      chunks.push({ gone: [], set: [] });
      length = 0;
    }
    length += text.length;
    return chunks[chunks.length - 1] as (typeof chunks)[number];
  };
  for (const place of gone) add(JSON.stringify(place)).gone.push(place);
  for (const place of set) {
    const text = JSON.stringify(place);
    if (text.length <= MAX_REPLAY_BYTES) add(text).set.push(place);
    else for (const part of splitPlace(place)) add(JSON.stringify(part)).set.push(part);
  }
  if (chunks.length === 0) chunks.push({ gone: [], set: [] });
  return chunks.map((chunk, index) => ({
    ...(isReset && index === 0 ? { reset: true } : {}),
    ...(chunk.gone.length > 0 ? { gone: chunk.gone } : {}),
    ...(chunk.set.length > 0 ? { set: chunk.set } : {}),
    ...(index < chunks.length - 1 ? { more: true } : {}),
  }));
}

/** Returns a large key entry by entry. */
function splitPlace(place: WireSharedEntry): WireSharedEntry[] {
  const [key, value] = place;
  const kind = place.length === 2 ? kindOf(value) : "whole";
  if (kind === "whole") return [place];
  const entries = entriesOf(value);
  if (kind === "record") {
    return [[key, {}], ...entries.map(([name, each]): WireSharedEntry => [key, name, each])];
  }
  return [
    [key, []],
    ...entries.map(([id, each], index): WireSharedEntry => [
      key,
      id,
      each,
      entries[index - 1]?.[0] ?? null,
    ]),
  ];
}
