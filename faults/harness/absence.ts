import { check } from "./check.ts";
import { checkDelivery, type Stage } from "./durable-room.ts";
import type { DurablePlace, PosterRecord } from "./poster-messages.ts";
import { QUICK } from "./posting.ts";
import { Link } from "./proxy.ts";

const OPEN_WITHIN_MS = 15_000;

/** A client without a network for a while, in a room of its own, in which another one calls. */
export interface Absence {
  readonly place: DurablePlace;
  /** How many events it hears before it goes. */
  readonly before: number;
  /** How many it misses. */
  readonly missed: number;
  /** Whether it is to hear what it missed, or to be told that it will not. */
  readonly recovers: boolean;
}

/** Takes a client's network away, until `link.heal()`. */
export async function goOffline({ posters }: Stage, name: string, link: Link): Promise<void> {
  link.goDown();
  const isLost = ({ state }: { state: string }) => state !== "open";
  await posters.allBe([name], OPEN_WITHIN_MS, "have lost their network", isLost);
}

/**
 * Has many absences at the same time, and throws if one does not come to the end that it should.
 *
 * @param options `meanwhile` is done when all has been missed, and before the networks are back.
 */
export async function beAbsent(
  stage: Stage,
  absences: readonly Absence[],
  { withinMs, meanwhile }: { withinMs: number; meanwhile?: () => Promise<void> },
): Promise<void> {
  const { workerd } = stage;
  const links = await Promise.all(absences.map(() => Link.open(workerd.port)));
  const actors = absences.map(
    (absence, index) => new Actors(stage, absence, links[index], withinMs),
  );
  try {
    await Promise.all(actors.map((actor) => actor.leave()));
    await meanwhile?.();
    await Promise.all(actors.map((actor) => actor.comeBack()));
  } finally {
    await Promise.all(links.map((link) => link.close()));
  }
}

/** Who is away, and who calls meanwhile. */
class Actors {
  readonly #stage: Stage;
  readonly #absence: Absence;
  readonly #link: Link;
  readonly #withinMs: number;
  readonly #away: string;
  readonly #caller: string;

  constructor(stage: Stage, absence: Absence, link: Link | undefined, withinMs: number) {
    if (!link) throw new Error("Without a network nobody is there.");
    const { party, room } = absence.place;
    this.#stage = stage;
    this.#absence = absence;
    this.#link = link;
    this.#withinMs = withinMs;
    this.#away = `away-${party}-${room}`;
    this.#caller = `caller-${party}-${room}`;
  }

  async leave(): Promise<void> {
    const { posters, workerd } = this.#stage;
    const { place, before, missed } = this.#absence;
    const specs = [
      { name: this.#away, host: this.#link.host, ...place, timing: QUICK },
      { name: this.#caller, host: workerd.host, ...place, timing: QUICK },
    ];
    await posters.open(specs, OPEN_WITHIN_MS);
    await this.#post(before);
    await this.#check();
    await goOffline(this.#stage, this.#away, this.#link);
    await this.#post(missed);
    const isDone = ({ isPosting, unanswered }: { isPosting: boolean; unanswered: number }) =>
      !isPosting && unanswered === 0;
    await posters.allBe([this.#caller], this.#withinMs, "are answered", isDone);
  }

  async comeBack(): Promise<void> {
    const { posters } = this.#stage;
    this.#link.heal();
    const isOpen = ({ state }: { state: string }) => state === "open";
    await posters.allBe([this.#away], OPEN_WITHIN_MS, "are open", isOpen);
    await this.#post(1);
    const [away] = await this.#check();
    const { place, before, missed, recovers } = this.#absence;
    const { recovered = 0, notRecovered = 0 } = away ?? {};
    check(
      recovered === (recovers ? 1 : 0) && notRecovered === (recovers ? 0 : 1),
      `in ${JSON.stringify(place)}, after ${before} events, who missed ${missed} was told ` +
        `${recovered} times that they follow, and ${notRecovered} times that they do not`,
    );
    await posters.close([this.#away, this.#caller]);
  }

  async #post(calls: number): Promise<void> {
    await this.#stage.posters.post([this.#caller], { bursts: [calls], pauseMs: 0 });
  }

  #check(): Promise<PosterRecord[]> {
    const { workerd, posters } = this.#stage;
    const groups = [{ posters, names: [this.#away, this.#caller] }];
    return checkDelivery(workerd, this.#absence.place, groups, { withinMs: this.#withinMs });
  }
}
