import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { cases } from "../../../../harness/scale";
import { type DurableRoom, type DurableScript, durableScripts } from "../durable-party";
import { dataIn, type Frame, FramedClient, type Place } from "../framed-client";
import { openDurableRoom } from "../rooms";
import { seeded } from "../seeded";

/** What a party's code has done, and what of it is to be kept. */
class Model {
  readonly log: string[] = [];
  /** Of this epoch, in order. */
  kept: string[] = [];
  /** All that may be received, kept or not: a rolled back transaction of the app's own cannot unsend. */
  readonly ghosts = new Set<string>();
  #count = 0;

  constructor(readonly below: (below: number) => number) {}

  next(): string {
    return `e${(this.#count += 1)}`;
  }

  /** Emits, looks and nests transactions of both kinds; some of them fail. */
  work(party: DurableRoom, depth = 0): void {
    for (let left = this.below(4); left >= 0; left -= 1) {
      const what = this.below(depth > 2 ? 5 : 9);
      if (what < 4) {
        const data = this.next();
        this.log.push(data);
        party.emit("said", data);
        this.kept.push(data);
      } else if (what === 4) {
        this.log.push("look");
        void party.history.head;
      } else this.#transaction(party, what < 7, depth);
    }
  }

  #transaction(party: DurableRoom, isOurs: boolean, depth: number): void {
    const fails = this.below(2) === 0;
    const before = [...this.kept];
    this.log.push(`${isOurs ? "lib" : "app"}${fails ? "!" : ""}(`);
    try {
      party[isOurs ? "transact" : "transactByPlatform"](() => {
        this.work(party, depth + 1);
        if (fails) throw new Error("rolled back");
      });
    } catch (error) {
      if (!fails) throw error;
      for (const data of this.kept.slice(before.length)) if (!isOurs) this.ghosts.add(data);
      this.kept = before;
    }
    this.log.push(")");
  }
}

it.each(Array.from({ length: cases(30) }, (_, seed) => seed))(
  "random rollbacks keep what was committed, and each offset its event: seed %i",
  async (seed) => {
    const below = seeded(seed + 501);
    const model = new Model(below);
    const sizes = [1, 2, 3, 5, 50];
    let keepEvents = sizes[below(5)] ?? 5;
    const errors: string[] = [];
    const script = (): DurableScript => ({
      history: { keepEvents, keepMs: 1e9 },
      onError: (_party, error) => void errors.push(String(error)),
      post(party, _from, input) {
        const { kept } = model;
        model.kept = [...kept];
        model.log.push("post(");
        model.work(party);
        if (input === "fails") {
          model.kept = kept;
          model.log.push(")!");
          throw new Error("refused");
        }
        model.log.push(")");
        return model.next();
      },
    });
    const room = openDurableRoom(below(4) ? "HIBERNATING_DURABLE" : "IN_MEMORY_DURABLE", script());
    const ada = await FramedClient.join(room, { id: "ada" });
    const other = await FramedClient.join(room, { id: "other", key: ada.key });
    const expected: string[] = [];
    const frames: Frame[] = [];
    const places: { place: Place; kept: number; epochs: number }[] = [];
    const outcomes = new Map<number, string>();
    let epochs = 0;
    let wiped = false;
    const say = () => model.log.join(" ");
    for (let step = 0; step < 12; step += 1) {
      const what = below(12);
      const before = model.kept.length;
      if (what < 5) {
        model.log.push("|");
        await runInDurableObject(room.stub, (party) => model.work(party));
      } else if (what === 5) {
        model.log.push("|sleep");
        await room.sleep();
      } else if (what === 6) {
        keepEvents = sizes[below(5)] ?? 5;
        model.log.push(`|keep${keepEvents}`);
        durableScripts.set(room.name, script());
        await room.sleep();
      } else if (what === 7) {
        model.log.push("|wait");
        await scheduler.wait(70);
      } else if (what === 8 && below(3) === 0) {
        model.log.push("|wipe");
        await runInDurableObject(room.stub, (_party, { storage }) => storage.deleteAll());
        model.kept = [];
        epochs += 1;
        wiped = true;
        outcomes.clear();
        continue;
      } else if (what > 8) {
        const number = 1 + below(4) + epochs * 100;
        const isKnown = outcomes.has(number);
        const input = !isKnown && below(3) === 0 ? "fails" : "fine";
        model.log.push(`|post ${number} ${input}`);
        const client = below(2) ? ada : other;
        const repeat = isKnown || below(2) ? (true as const) : undefined;
        const operation = { number, oldest: Math.max(1, number - 20), page: ada.page, repeat };
        const late = await FramedClient.join(room, { id: `late${step}` });
        const { since } = late.hello.once;
        await late.leave();
        const { answer, before: first } = await client.post(input, { ...operation, since });
        if (client === ada) frames.push(...first);
        if (isKnown) expect(answer[2], say()).toBe(outcomes.get(number));
        else if (answer[0] === "$reply") outcomes.set(number, String(answer[2]));
        else expect(input, say() + JSON.stringify(answer)).toBe("fails");
      }
      expected.push(...model.kept.slice(before));
      if (below(3) === 0) {
        frames.push(...(await ada.received()));
        places.push({ place: ada.place, kept: model.kept.length, epochs });
      }
    }
    frames.push(...(await ada.received()));
    const received = dataIn(frames).map(String);
    // All that is kept comes, in order, each once; and of the rest only what could not be taken back.
    expect(
      received.filter((data) => !model.ghosts.has(data)),
      say(),
    ).toEqual(expected.filter((data) => !model.ghosts.has(data)));
    // No place is that of two events.
    let epoch = ada.hello.history.epoch;
    const seen = new Set<string>();
    for (const frame of frames) {
      if (frame[0] === "$history") {
        ({ epoch } = frame[1] as Place);
        if (!wiped) expect.fail(`told of a gap: ${say()}`);
      }
      const [data] = dataIn([frame]);
      if (data === undefined) continue;
      const place = `${epoch} ${String(frame[2])}`;
      expect(seen.has(place), `${place} ${say()}`).toBe(false);
      seen.add(place);
    }
    // The past is the end of what is kept.
    const past = await runInDurableObject(room.stub, (party) =>
      party.history.read({ limit: 1_000 }).map(({ data }) => String(data)),
    );
    expect(past, say()).toEqual(past.length === 0 ? [] : model.kept.slice(-past.length));
    // Who comes back gets what was missed, or is told.
    for (const at of places) {
      const { place, kept, epochs: then } = at;
      const back = await FramedClient.join(room, {
        id: `back${places.indexOf(at)}`,
        key: ada.key,
        at: place,
      });
      const missed = dataIn(await back.received());
      if (!back.hello.history.recovered) continue;
      expect(then, say()).toBe(epochs);
      expect(missed, `${JSON.stringify(place)} ${say()}`).toEqual(model.kept.slice(kept));
    }
    expect(
      errors.filter((error) => !error.includes("refused")),
      say(),
    ).toEqual([]);
  },
);
