import { sumOf } from "../harness/check.ts";
import type {
  PresenceTabRecord,
  PresenceTabSpec,
  TabAction,
} from "../harness/presence-messages.ts";
import { agreed } from "../harness/presence-place.ts";
import {
  personOf,
  presenceStepsOf,
  type PresenceStep,
  TABS,
} from "../harness/presence-schedule.ts";
import { startPresenceTabs } from "../harness/presence-tabs.ts";
import { all, frozen, killed, Scene, type Stage } from "../harness/scene.ts";
import { numbersOf, type Schedule, schedulesOf } from "../harness/schedule.ts";
import { type CrowdPartyName, Workerd } from "../harness/workerd.ts";
import { type VariantName, VARIANTS } from "../worker/presence-report.ts";
import { wakes } from "./presence-wakes.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const CASES = { ci: 25, long: 500, planted: 24 };

/** How many rooms share a process of workerd, its end, and what freezes their tabs. */
const AT_ONCE = 25;

/** A part of a run. At its end all is at rest, and is compared. */
interface Phase {
  /** Whether networks fail and rooms are reset. Otherwise, connections last over many sleeps. */
  readonly isRough: boolean;
  /** How long a process of tabs is frozen, in ms. Rooms bear 1,500 without a ping. */
  readonly frozenMs: number;
  readonly isKilled: boolean;
}

const PHASES: readonly Phase[] = [
  { isRough: true, frozenMs: 400, isKilled: false },
  { isRough: false, frozenMs: 0, isKilled: false },
  { isRough: true, frozenMs: 2_200, isKilled: true },
];

/** So many of the last steps of a calm phase are each followed by a comparison. */
const LOOKS = 8;

/** After the begin of a phase, in ms: when workerd is killed, and a process of tabs is frozen. */
const WHEN_MS = { min: 50, max: 700 };

/** The tabs of a room are in one or the other. */
const PROCESSES = 2;

const PARTIES: readonly CrowdPartyName[] = ["crowd", "crowd-in-memory"];

/**
 * Tabs come, go, reload and change, in rooms that sleep and are reset, over networks that fail, in
 * processes that freeze, and workerd is killed. At rest, each tab lists whom the room lists for it,
 * and those are the members that are there. No tab and no hook was told twice.
 */
export async function presence({ seed, scale, library }: RunContext): Promise<RunResult> {
  const workerd = await Workerd.start(library);
  const processes = await startPresenceTabs(library, PROCESSES);
  const withinMs = settledWithinMs({ scale, library });
  const counts = { schedules: 0, steps: 0, faults: 0, connections: 0 };
  // They have to sleep at the right moment, which a busy machine may miss.
  const hasPatches = typeof library === "object" && library.patches.length > 0;
  const hasWakes = scale === "long" || hasPatches;
  try {
    for (let first = 0; first < CASES[scale]; first += AT_ONCE) {
      const size = Math.min(AT_ONCE, CASES[scale] - first);
      const stage = { workerd, processes, withinMs };
      const scenes = Array.from(
        { length: size },
        (_, index) => new PresenceScene(stage, seed + first + index),
      );
      for (const [phase, { frozenMs, isKilled }] of PHASES.entries()) {
        const [atMs = 0] = numbersOf(seed + first + phase, 1, WHEN_MS.min, WHEN_MS.max);
        await all([
          ...(first + phase === 0 && hasWakes ? [wakes(workerd, processes)] : []),
          frozen(processes[phase % PROCESSES], atMs, frozenMs),
          ...(isKilled ? [killed(workerd, atMs)] : []),
          ...scenes.map((scene) => scene.play(phase)),
        ]);
        await all(scenes.map((scene) => scene.rest(phase)));
      }
      await all(scenes.map((scene) => scene.end()));
      counts.schedules += scenes.length;
      counts.steps += sumOf(scenes, ({ steps }) => sumOf(steps, ({ length }) => length));
      counts.faults += sumOf(scenes, ({ faults }) => sumOf(faults.flat(), ({ length }) => length));
      counts.connections += sumOf(scenes, ({ opens }) => opens);
    }
    return { counts };
  } finally {
    await Promise.all(processes.map((tabs) => tabs.stop()));
    await workerd.stop();
  }
}

/** One room, its tabs, and what happens to them. */
class PresenceScene extends Scene<PresenceTabSpec, TabAction, PresenceTabRecord> {
  readonly steps: readonly (readonly PresenceStep[])[];
  /** By phase, and by tab. */
  readonly faults: readonly (readonly Schedule[])[];
  opens = 0;
  readonly #party: CrowdPartyName;

  constructor(stage: Stage<PresenceTabSpec, TabAction, PresenceTabRecord>, seed: number) {
    const number = Math.abs(seed);
    const variants = Object.keys(VARIANTS) as VariantName[];
    const variant = variants[Math.floor(number / PARTIES.length) % variants.length] ?? "plain";
    const party = PARTIES[number % PARTIES.length] ?? "crowd";
    super(
      stage,
      seed,
      { party, room: `${variant}-${seed}` },
      TABS.map(({ name }) => name),
    );
    this.#party = party;
    this.steps = presenceStepsOf(seed, PHASES.length).map((steps, phase) =>
      PHASES[phase]?.isRough ? steps : steps.filter(({ kind }) => kind !== "reset"),
    );
    this.faults = PHASES.map(({ isRough }, phase) =>
      isRough ? schedulesOf(seed + phase, TABS.length) : [],
    );
  }

  async play(phase: number): Promise<void> {
    await this.naming(phase, async () => {
      if (phase === 0) await this.#begin();
      const suffering = this.suffer(this.faults[phase] ?? []);
      const steps = this.steps[phase] ?? [];
      const looksFrom = PHASES[phase]?.isRough ? Infinity : steps.length - LOOKS;
      for (const [index, step] of steps.entries()) {
        await this.take(step);
        // No later step may hide what this one has done.
        if (index >= looksFrom) await this.#agree();
      }
      await suffering;
    });
  }

  /** Nothing happens any more, and the room and its tabs agree. */
  async rest(phase: number): Promise<void> {
    await this.naming(phase, () => this.#agree());
  }

  /** All leave, and nobody is left. */
  async end(): Promise<void> {
    await this.naming(PHASES.length - 1, async () => {
      await this.actAll({ kind: "close" });
      await this.#agree();
      this.opens = sumOf(await this.records(), ({ opens }) => opens);
      await this.removeTabs();
    });
  }

  protected override specOf(tab: number, name: string, host: string): PresenceTabSpec {
    const key = keyOf(TABS[tab]?.user ?? "");
    const { room } = this.place;
    return {
      party: this.#party,
      room,
      ...personOf(tab),
      name,
      host,
      key,
      resumes: tab % 2 === 0,
    };
  }

  protected override story(phase: number): object {
    return { Steps: this.steps.slice(0, phase + 1), Schedules: this.faults.slice(0, phase + 1) };
  }

  async #begin(): Promise<void> {
    await this.addTabs();
    for (const tab of TABS.keys()) {
      await this.act(tab, { kind: "open", hasInitial: tab % 3 === 0 });
    }
  }

  async #agree(): Promise<void> {
    const { workerd, withinMs } = this.stage;
    await agreed(workerd, this.place, withinMs, () => this.records());
  }
}

/** The key of a person's browser, in the format of `randomKey`. */
function keyOf(user: string): string {
  return user.padEnd(22, "x").slice(0, 21) + "A";
}
