import { sumOf } from "../harness/check.ts";
import { all, frozen, killed } from "../harness/scene.ts";
import { numbersOf } from "../harness/schedule.ts";
import type { BoardCounts, BoardTabs } from "../harness/shared-messages.ts";
import { type BoardPhase, BoardScene, type BoardStage } from "../harness/shared-scene.ts";
import { Tabs } from "../harness/tabs.ts";
import { type BoardPartyName, Workerd } from "../harness/workerd.ts";
import { BOARDS, type BoardVariantName } from "../worker/shared-report.ts";
import { type RunContext, type RunResult, settledWithinMs } from "./run.ts";

const CASES = { ci: 16, long: 640, planted: 16 };

const PARTIES: readonly BoardPartyName[] = ["board", "board-in-memory"];
const VARIANTS = Object.keys(BOARDS) as BoardVariantName[];

/** So many rooms share a disk, and the ends of workerd: one of each variant and kind. */
const AT_ONCE = PARTIES.length * VARIANTS.length;

const PHASES: readonly BoardPhase[] = [
  { isRough: true, frozenMs: 400, kills: 1 },
  { isRough: false, kills: 0 },
  // From the kill on, all rooms are of the second build.
  { isRough: true, mayWipe: true, kills: 1 },
  { isRough: true, lostSteps: 8, kills: 2 },
  { isRough: true, frozenMs: 1_100, kills: 1 },
];

const DEPLOYED_IN_PHASE = 2;

/** After the begin of a phase, in ms: when workerd is killed, and a process of tabs is frozen. */
const WHEN_MS = { min: 50, max: 600 };

/** The tabs of a room are in one or the other. */
const PROCESSES = 2;

/**
 * Tabs change what their rooms share, and show changes before the rooms have made them; while rooms
 * sleep, are reset, wiped and deployed, networks fail, tabs reload and freeze, and workerd is killed
 * and gets an older copy of its disk. At rest, each tab has what the room has for it. No answered
 * change is lost, nothing hidden or refused was sent, and no version and no count went back.
 */
export async function sharedState({ seed, scale, library }: RunContext): Promise<RunResult> {
  const processes: BoardTabs[] = await Tabs.start("harness/shared-process.ts", library, PROCESSES);
  const withinMs = settledWithinMs({ scale, library });
  const scenes: BoardScene[] = [];
  try {
    for (let first = 0; first < CASES[scale]; first += AT_ONCE) {
      const workerd = await Workerd.start(library);
      const stage = { workerd, processes, withinMs };
      try {
        scenes.push(...(await playAtOnce(stage, seed + first)));
      } finally {
        await workerd.stop();
      }
    }
    return { counts: countsOf(scenes) };
  } finally {
    await Promise.all(processes.map((tabs) => tabs.stop()));
  }
}

/** Plays one room of each variant and kind, all at the same time. */
async function playAtOnce(stage: BoardStage, seed: number): Promise<BoardScene[]> {
  const { workerd, processes } = stage;
  const places = VARIANTS.flatMap((variant) => PARTIES.map((party) => ({ variant, party })));
  const scenes = places.map(({ variant, party }, index) => {
    const room = `${variant}-${seed + index}`;
    return new BoardScene(stage, seed + index, { party, room }, PHASES);
  });
  for (const [phase, { frozenMs = 0, kills, lostSteps }] of PHASES.entries()) {
    const [frozenAtMs = 0, killedAtMs = 0] = numbersOf(seed + phase, 2, WHEN_MS.min, WHEN_MS.max);
    if (phase === DEPLOYED_IN_PHASE) workerd.variables["BUILD"] = "2";
    const play = () => scenes.map((scene) => scene.play(phase));
    if (lostSteps) {
      await killed(workerd, 0, () => workerd.saveDisk());
      await all(scenes.map((scene) => scene.playLost(phase)));
      await killed(workerd, 0, () => workerd.putBackDisk());
      await all(play());
    } else {
      const frozenTabs = frozen(processes[phase % PROCESSES], frozenAtMs, frozenMs);
      await all([frozenTabs, ...(kills > 0 ? [killed(workerd, killedAtMs)] : []), ...play()]);
    }
    await all(scenes.map((scene) => scene.rest(phase)));
  }
  await all(scenes.map((scene) => scene.end()));
  return scenes;
}

function countsOf(scenes: readonly BoardScene[]): RunResult["counts"] {
  const records = scenes.flatMap(({ last }) => last);
  const sum = (name: keyof BoardCounts) => sumOf(records, ({ counts }) => counts[name]);
  const stepsOf = ({ steps }: BoardScene) => sumOf(steps, ({ length }) => length);
  const faultsOf = ({ faults }: BoardScene) => sumOf(faults.flat(), ({ length }) => length);
  return {
    schedules: scenes.length,
    kills: (scenes.length / AT_ONCE) * sumOf(PHASES, ({ kills }) => kills),
    steps: sumOf(scenes, stepsOf),
    faults: sumOf(scenes, faultsOf),
    connections: sum("opens"),
    "pages superseded": sum("superseded"),
    "calls answered": sum("answered"),
    "calls refused": sum("refused"),
    "optimistic changes": sum("guesses"),
    "frames received": sum("frames"),
    "MiB received": Math.round(sum("received") / 1_048_576),
    "values shown": sum("shown"),
    "counts too high after a reconnect": sum("overshoots"),
  };
}
