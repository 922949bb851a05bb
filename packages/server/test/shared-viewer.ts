import type { WireShared } from "@partyflare/shared/internal";

type Json = Record<string, unknown>;
type Item = Json & { id: string };

/** A client that applies the wire's rules for shared state, and nothing else: see docs/protocol.md. */
export class SharedViewer {
  value: Json | undefined;
  version: number | undefined;
  run = "";
  /** The texts of all payloads, as they were sent. */
  readonly texts: string[] = [];
  /** How many complete changes it has had. */
  changes = 0;
  #frames: WireShared[] = [];

  /** Its position for the next connection. */
  get position(): string {
    return this.version === undefined ? "" : `${this.run}.${this.version}`;
  }

  /** Whether it has all frames of the last change. */
  get isComplete(): boolean {
    return this.#frames.length === 0;
  }

  /** Takes its part of `$hello`. */
  hello(payload: unknown): void {
    this.#frames = [];
    this.take(payload);
  }

  /** Takes the payload of a frame. */
  take(payload: unknown): void {
    this.texts.push(JSON.stringify(payload));
    const frame = JSON.parse(JSON.stringify(payload)) as WireShared;
    if (frame.reset) this.#frames = [];
    this.#frames.push(frame);
    if (frame.more) return;
    const frames = this.#frames;
    this.#frames = [];
    if (this.value === undefined && !frames[0]?.reset) throw new Error("A change of nothing.");
    this.value = applied(this.value ?? {}, frames);
    this.version = frame.version;
    this.run = frame.run;
    this.changes += 1;
  }
}

/** Returns a value after all frames of a change. */
function applied(before: Json, frames: readonly WireShared[]): Json {
  const value = frames[0]?.reset ? {} : structuredClone(before);
  const gone = frames.flatMap((frame) => frame.gone ?? []);
  const set = frames.flatMap((frame) => frame.set ?? []);
  for (const [key, entry] of gone) {
    if (entry === undefined) delete value[key];
    else remove(value[key], entry);
  }
  for (const place of set) if (place.length === 4) remove(value[place[0]], place[1]);
  for (const place of set) {
    switch (place.length) {
      case 2:
        value[place[0]] = place[1];
        break;
      case 3: {
        const record = value[place[0]];
        if (typeof record !== "object" || record === null || Array.isArray(record)) {
          throw new Error(`${JSON.stringify(place)} is an entry of no record.`);
        }
        (record as Json)[place[1]] = place[2];
        break;
      }
      case 4: {
        const [key, id, item, after] = place;
        const list = value[key];
        if (!Array.isArray(list)) throw new Error(`${JSON.stringify(place)} is of no list.`);
        if ((item as Item).id !== id) throw new Error("An item has another id.");
        const index = after === null ? -1 : (list as Item[]).findIndex((each) => each.id === after);
        if (index < 0 && after !== null) throw new Error(`No ${after} in ${key}.`);
        if ((list as Item[]).some((each) => each.id === id))
          throw new Error(`${id} is there twice.`);
        list.splice(index + 1, 0, item);
        break;
      }
      default:
        throw new Error("A place of another length.");
    }
  }
  return value;
}

function remove(container: unknown, entry: string): void {
  if (Array.isArray(container)) {
    const index = (container as Item[]).findIndex((item) => item.id === entry);
    if (index >= 0) container.splice(index, 1);
  } else if (typeof container === "object" && container !== null) {
    delete (container as Json)[entry];
  }
}
