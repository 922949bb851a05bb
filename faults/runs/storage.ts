import { goOffline } from "../harness/absence.ts";
import { check, sumOf } from "../harness/check.ts";
import { checkDelivery, onStage, reportOf, type Stage, wipe } from "../harness/durable-room.ts";
import type { DurablePlace, PosterRecord } from "../harness/poster-messages.ts";
import { QUICK } from "../harness/posting.ts";
import { Link } from "../harness/proxy.ts";
import type { DurablePartyName } from "../harness/workerd.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const PARTIES: readonly DurablePartyName[] = ["durable", "durable-in-memory"];

const KEEP_EVENTS = 20;

const OPEN_WITHIN_MS = 15_000;

/** Events before the storage is kept, and those after, which are lost when it is put back. */
const KEPT = 12;
const LOST = 6;

/** So many are emitted in the storage that was put back, before who was away comes back. */
const SINCE = {
  ci: [0, LOST - 1, LOST, KEEP_EVENTS + LOST - 1, KEEP_EVENTS + LOST],
  long: Array.from({ length: KEEP_EVENTS + 2 * LOST }, (_, index) => index),
  planted: [LOST],
};

/** What befalls the storage of a room, while one client has no network. */
type Loss =
  /** `deleteAll()`, and the room stays in memory. */
  | "wiped"
  /** The same, and all lose their connections before anything is emitted. */
  | "wiped, and all come back"
  /** The same, and the room begins another life. */
  | "wiped, and killed"
  /** The disk is an older copy of itself. */
  | "put back";

/** A loss, and how many events follow it before who was away comes back. */
interface Case {
  readonly loss: Loss;
  readonly since: number;
}

/**
 * The storage of a room is wiped while it is in memory, and between two lives; and it is put back
 * to an older copy. Everyone who has heard of what is no more is told, before the next event, and
 * nobody hears an event twice. A call that was carried out before a wipe is not carried out again.
 */
export async function storage({ scale, library }: RunContext): Promise<RunResult> {
  const withinMs = settledWithinMs({ scale, library });
  const cases: Case[] = [
    { loss: "wiped", since: 3 },
    { loss: "wiped", since: KEPT + LOST },
    { loss: "wiped, and all come back", since: 3 },
    { loss: "wiped, and killed", since: 3 },
    { loss: "wiped, and killed", since: KEPT + LOST },
    ...SINCE[scale].map((since): Case => ({ loss: "put back", since })),
  ];
  return onStage(library, { KEEP_EVENTS: String(KEEP_EVENTS) }, async (stage) => {
    let records: PosterRecord[] = [];
    for (const loss of new Set(cases.map((some) => some.loss))) {
      const scenes = PARTIES.flatMap((party) =>
        cases
          .filter((some) => some.loss === loss)
          .map((some) => new Scene(stage, party, some, withinMs)),
      );
      records = [...records, ...(await play(stage, scenes, loss))];
    }
    return {
      counts: {
        "storages lost": cases.length * PARTIES.length,
        clients: records.length,
        "times told": sumOf(records, ({ notRecovered }) => notRecovered),
        "calls with no known outcome": sumOf(records, ({ refused }) => refused.length),
      },
    };
  });
}

/** One loss, in many rooms at once: they share a disk. */
async function play(
  { workerd }: Stage,
  scenes: readonly Scene[],
  loss: Loss,
): Promise<PosterRecord[]> {
  const all = <Result>(act: (scene: Scene) => Promise<Result>) => Promise.all(scenes.map(act));
  try {
    await all((scene) => scene.begin());
    if (loss === "put back") {
      await workerd.kill();
      workerd.saveDisk();
      await workerd.restart();
    }
    await all((scene) => scene.goOn());
    if (loss === "put back") {
      await workerd.kill();
      workerd.putBackDisk();
      await all((scene) => scene.lose());
      await workerd.restart();
    } else {
      await all((scene) => scene.lose());
    }
    if (loss === "wiped, and killed") {
      await workerd.kill();
      await workerd.restart();
    }
    return (await all((scene) => scene.end())).flat();
  } finally {
    await all((scene) => scene.close());
  }
}

/** A room, and its clients: some who stay, one who is away, and one who has yet to hear anything. */
class Scene {
  readonly #stage: Stage;
  readonly #case: Case;
  readonly #withinMs: number;
  readonly #place: DurablePlace;
  readonly #name: (role: string) => string;
  readonly #links = new Map<string, Link>();
  #names: string[] = [];
  #epoch = "";

  constructor(stage: Stage, party: DurablePartyName, theCase: Case, withinMs: number) {
    this.#stage = stage;
    this.#case = theCase;
    this.#withinMs = withinMs;
    this.#place = { party, room: `${theCase.loss.replaceAll(/\W+/g, "-")}-${theCase.since}` };
    this.#name = (role) => `${role}-${party}-${this.#place.room}`;
  }

  /** Some events, which all hear. */
  async begin(): Promise<void> {
    await this.#open(["caller", "listener", "early", "late", "mute"]);
    await this.#post("caller", KEPT);
    await this.#check();
    this.#epoch = (await reportOf(this.#stage.workerd, this.#place)).epoch;
    await this.#leave("early");
  }

  /**
   * Some more. One was away before them and hears none; one leaves after them; one comes after
   * them, and leaves having heard nothing; one is heard, and does not hear that it was.
   */
  async goOn(): Promise<void> {
    const { posters } = this.#stage;
    await posters.allBe(
      this.#names.filter((name) => name !== this.#name("early")),
      OPEN_WITHIN_MS,
      "are open",
      ({ state }) => state === "open",
    );
    const isWipe = this.#case.loss !== "put back";
    await this.#post("caller", isWipe ? LOST - 1 : LOST);
    await this.#open(["silent"]);
    await this.#leave("late");
    await this.#leave("silent");
    if (isWipe) {
      this.#links.get("mute")?.swallow(["down"]);
      await posters.post([this.#name("mute")], { bursts: [1], pauseMs: 0 });
      const hasHeard = ({ offset }: { offset: number }) => offset === KEPT + LOST;
      await posters.allBe([this.#name("listener")], this.#withinMs, "have heard it", hasHeard);
    } else {
      const names = ["caller", "listener", "mute"].map((role) => this.#name(role));
      const hasHeard = ({ offset }: { offset: number }) => offset === KEPT + LOST;
      await posters.allBe(names, this.#withinMs, "have heard all", hasHeard);
    }
  }

  /** The storage is lost, as the case has it. */
  async lose(): Promise<void> {
    const { workerd, posters } = this.#stage;
    const { loss } = this.#case;
    if (loss !== "put back") await wipe(workerd, this.#place);
    await posters.fork(this.#place, loss === "put back" ? KEPT : 0);
    if (loss !== "wiped, and all come back") return;
    for (const role of ["caller", "listener", "mute"]) {
      const link = this.#links.get(role);
      if (link) await goOffline(this.#stage, this.#name(role), link);
    }
    for (const role of ["caller", "listener", "mute"]) this.#links.get(role)?.heal();
  }

  /** Some events of the new storage, and all are back. */
  async end(): Promise<PosterRecord[]> {
    const { workerd, posters } = this.#stage;
    const here = ["caller", "listener"].map((role) => this.#name(role));
    await posters.allBe(here, OPEN_WITHIN_MS, "are open", ({ state }) => state === "open");
    await this.#post("caller", this.#case.since);
    for (const link of this.#links.values()) link.heal();
    const isOpen = ({ state }: { state: string }) => state === "open";
    await posters.allBe(this.#names, OPEN_WITHIN_MS, "are open", isOpen);
    await this.#post("caller", 1);
    const records = await this.#check();
    const { epoch } = await reportOf(workerd, this.#place);
    const isWipe = this.#case.loss !== "put back";
    check((epoch !== this.#epoch) === isWipe, `the epoch was ${this.#epoch}, and is ${epoch}`);
    const where = JSON.stringify(this.#place);
    for (const { name, notRecovered } of records) {
      // Who heard nothing of what is no more has missed nothing but what is kept, or too much.
      if (name === this.#name("early") && !isWipe) continue;
      check(notRecovered === 1, `in ${where}, ${name} was told ${notRecovered} times`);
    }
    return records;
  }

  async close(): Promise<void> {
    await this.#stage.posters.close(this.#names);
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  async #open(roles: readonly string[]): Promise<void> {
    const { workerd, posters } = this.#stage;
    const specs = [];
    for (const role of roles) {
      const link = await Link.open(workerd.port);
      this.#links.set(role, link);
      specs.push({ name: this.#name(role), host: link.host, ...this.#place, timing: QUICK });
    }
    this.#names = [...this.#names, ...specs.map(({ name }) => name)];
    await posters.open(specs, OPEN_WITHIN_MS);
  }

  async #leave(role: string): Promise<void> {
    const link = this.#links.get(role);
    if (link) await goOffline(this.#stage, this.#name(role), link);
  }

  async #post(role: string, calls: number): Promise<void> {
    const { posters } = this.#stage;
    await posters.post([this.#name(role)], { bursts: [calls], pauseMs: 0 });
    const isDone = ({ isPosting, unanswered }: { isPosting: boolean; unanswered: number }) =>
      !isPosting && unanswered === 0;
    await posters.allBe([this.#name(role)], this.#withinMs, "are answered", isDone);
  }

  #check(): Promise<PosterRecord[]> {
    const { workerd, posters } = this.#stage;
    const groups = [{ posters, names: this.#names }];
    const options = { withinMs: this.#withinMs, mayBeUnknown: true };
    return checkDelivery(workerd, this.#place, groups, options);
  }
}
