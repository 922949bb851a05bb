import { eventually } from "@partyflare/harness/wait";
import { check, sumOf } from "../harness/check.ts";
import {
  checkRoom,
  entered,
  type HooksPlace,
  quiet,
  reportOf,
  urlOf,
  WITHIN_MS,
} from "../harness/hooks-room.ts";
import { type Action, misbehaviourOf, TABS } from "../harness/misbehaviour.ts";
import { NONSENSE, POKE, QUIET, Tab } from "../harness/tab.ts";
import { type HooksPartyName, Workerd } from "../harness/workerd.ts";
import type { Step } from "../worker/hooks-contract.ts";
import { overfill, overtake } from "./hooks-bounds.ts";
import type { RunContext, RunResult } from "./run.ts";

const CASES = { ci: 40, long: 1_000, planted: 10 };

/** How many rooms share a process of workerd, and its end. */
const AT_ONCE = 20;

/** A kill lies between two. */
const LIVES = 2;

const PARTIES: readonly HooksPartyName[] = ["hooks", "hooks-in-memory"];

/** How often a tab comes back to have its calls answered, of which any may close it. */
const MAX_ATTEMPTS = 100;

/**
 * Hooks and handlers do what users do: they emit, close others, retag, throw, and roll back, by
 * random scripts, in rooms where one client has two tabs, tabs reload, and a stranger takes an id
 * that is free. Between the two lives of each room its process is killed. Once all have been back,
 * everyone has heard what was for its client, in order, each once, and nothing that was not.
 */
export async function hooks({ seed, scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const all: Scene[] = [];
  try {
    for (const party of PARTIES) {
      await overtake(workerd, party);
      await overfill(workerd, party);
    }
    for (let first = 0; first < CASES[scale]; first += AT_ONCE) {
      const size = Math.min(AT_ONCE, CASES[scale] - first);
      const scenes = Array.from(
        { length: size },
        (_, index) => new Scene(workerd, seed + first + index),
      );
      all.push(...scenes);
      await playAll(workerd, scenes);
    }
    return {
      counts: {
        rooms: all.length,
        calls: sumOf(all, ({ tabs }) => sumOf(tabs, ({ acts }) => acts.length)),
        "events heard": sumOf(all, ({ tabs }) => sumOf(tabs, ({ heard }) => heard.length)),
      },
    };
  } finally {
    await workerd.stop();
  }
}

async function playAll(workerd: Workerd, scenes: readonly Scene[]): Promise<void> {
  for (let life = 0; life < LIVES; life += 1) {
    if (life > 0) {
      await workerd.kill();
      await workerd.restart();
    }
    await Promise.all(scenes.map((scene) => scene.play(life)));
  }
  await Promise.all(scenes.map((scene) => scene.end()));
}

/** One room, and its tabs. */
class Scene {
  readonly tabs: readonly Tab[];
  readonly #seed: number;
  readonly #workerd: Workerd;
  readonly #place: HooksPlace;
  readonly #lives: readonly (readonly Action[])[];

  constructor(workerd: Workerd, seed: number) {
    this.#seed = seed;
    this.#workerd = workerd;
    this.#place = {
      party: PARTIES[Math.abs(seed) % PARTIES.length] ?? "hooks",
      room: `room-${seed}`,
    };
    this.#lives = misbehaviourOf(seed, LIVES);
    this.tabs = TABS.map((tab) => new Tab({ ...tab, url: urlOf(workerd, this.#place) }));
  }

  /** A life of the room, at the end of which nothing is on its way. */
  async play(life: number): Promise<void> {
    await this.#naming(async () => {
      const [first] = this.tabs;
      // The connections of the life before are gone.
      for (const tab of this.tabs) tab.drop();
      for (const action of this.#lives[life] ?? []) await this.#take(action);
      await first?.open(QUIET);
      first?.act([{ do: "rollBackPlatform" }]);
      for (const tab of this.tabs) await quiet(tab);
      await this.#agree();
    });
  }

  /** Every tab comes back, has its calls answered, and hears what it has missed. */
  async end(): Promise<void> {
    await this.#naming(async () => {
      for (const tab of this.tabs) tab.drop();
      for (const tab of this.tabs) await this.#finish(tab);
      // Calls have emitted more, and nothing does any more.
      for (const tab of this.tabs) await this.#finish(tab);
      await checkRoom(this.#workerd, this.#place, this.tabs);
    });
  }

  async #take(action: Action): Promise<void> {
    const tab = this.tabs[action.tab];
    switch (action.kind) {
      case "open":
        return void (await tab?.open(action.script));
      case "reload":
        return void (await tab?.reload(action.script));
      case "act": {
        const { steps, isLast } = action;
        const mayClose = isLast && !steps.some((step) => step.do === "throw");
        if (!tab || !mayClose) return tab?.act(steps);
        const last: Step = { do: "close", id: tab.spec.id };
        return tab.act([...steps, last], [POKE, NONSENSE]);
      }
      case "nonsense":
        return tab?.send(NONSENSE);
      case "drop":
        return tab?.drop();
      default:
        action satisfies never;
    }
  }

  /** Who is listed is connected, and the room has seen nothing that must not be. */
  async #agree(): Promise<void> {
    const { mistakes } = await eventually("the room lists its tabs", WITHIN_MS, async () => {
      const report = await reportOf(this.#workerd, this.#place);
      if (report.mistakes.length > 0) return report;
      const open = this.tabs.filter((tab) => tab.isOpen).map(({ spec }) => spec.id);
      const isSame = String(report.connections.toSorted()) === String(open.toSorted());
      return isSame ? report : undefined;
    });
    check(mistakes.length === 0, mistakes.slice(0, 3).join("; "));
  }

  async #finish(tab: Tab): Promise<void> {
    tab.act([]);
    for (let attempts = 0; tab.unanswered > 0; attempts += 1) {
      check(attempts < MAX_ATTEMPTS, `${tab.unanswered} calls of ${tab.spec.id} were not answered`);
      await entered(tab);
      await quiet(tab);
    }
    tab.drop();
  }

  async #naming(play: () => Promise<void>): Promise<void> {
    try {
      await play();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`With seed ${this.#seed}, ${reason}`, { cause });
    }
  }
}
