import { boardVariantOf } from "../worker/shared-report.ts";
import { command, type RoomPlace } from "./room-place.ts";
import { Scene, type Stage } from "./scene.ts";
import { type Schedule, schedulesOf } from "./schedule.ts";
import type { BoardAction, BoardTabRecord, BoardTabSpec } from "./shared-messages.ts";
import { boardAgreed } from "./shared-place.ts";
import { BOARD_TABS, type BoardStep, boardStepsOf, whoIn } from "./shared-schedule.ts";
import type { BoardPartyName } from "./workerd.ts";

/** A part of a run. At its end all is at rest, and is compared. */
export interface BoardPhase {
  /** Whether networks fail and rooms are reset. */
  readonly isRough: boolean;
  /** Whether rooms may be wiped. */
  readonly mayWipe?: boolean;
  /** How long a process of tabs is frozen, in ms. Rooms bear 700 without a ping. */
  readonly frozenMs?: number;
  /** How often workerd is killed. */
  readonly kills: number;
  /** Whether the room gets an older copy of its storage, after so many of its steps. */
  readonly lostSteps?: number;
}

/** The tab that is away while the room gets an older copy of its storage, and goes on. */
const AWAY = 2;

/** So many of the last steps of a calm phase are each followed by a comparison. */
const LOOKS = 8;

export type BoardStage = Stage<BoardTabSpec, BoardAction, BoardTabRecord>;

/** One room, its tabs, and what happens to them. */
export class BoardScene extends Scene<BoardTabSpec, BoardAction, BoardTabRecord> {
  readonly steps: readonly (readonly BoardStep[])[];
  /** By phase, and by tab. */
  readonly faults: readonly (readonly Schedule[])[];
  /** What the tabs were in the end. */
  last: readonly BoardTabRecord[] = [];
  #isLossy = false;

  readonly #party: BoardPartyName;
  readonly #phases: readonly BoardPhase[];

  constructor(
    stage: BoardStage,
    seed: number,
    { party, room }: RoomPlace & { readonly party: BoardPartyName },
    phases: readonly BoardPhase[],
  ) {
    super(stage, seed, { party, room }, BOARD_TABS);
    this.#party = party;
    this.#phases = phases;
    this.steps = boardStepsOf(seed, phases.length).map((steps, phase) =>
      steps.filter((step) => mayHappen(step, phases[phase])),
    );
    this.faults = phases.map(({ isRough }, phase) =>
      isRough ? schedulesOf(seed + phase, BOARD_TABS.length) : [],
    );
  }

  async play(phase: number): Promise<void> {
    await this.naming(phase, async () => {
      if (phase === 0) await this.#begin();
      const { isRough, lostSteps = 0 } = this.#phases[phase] ?? {};
      const faults = this.faults[phase] ?? [];
      const suffering = this.suffer(
        faults.map((each, tab) => (lostSteps > 0 && tab === AWAY ? undefined : each)),
      );
      const steps = this.steps[phase]?.slice(lostSteps) ?? [];
      const looksFrom = isRough ? Infinity : steps.length - LOOKS;
      for (const [index, step] of steps.entries()) {
        await this.take(step);
        // No later step may hide what this one has done.
        if (index >= looksFrom) await this.#agree();
      }
      await suffering;
      this.link(AWAY)?.heal();
    });
  }

  /** All see changes that the room is about to lose, and one tab goes away. */
  async playLost(phase: number): Promise<void> {
    await this.naming(phase, async () => {
      await this.#lose();
      const steps = this.steps[phase]?.slice(0, this.#phases[phase]?.lostSteps) ?? [];
      for (const step of steps) await this.take(step);
      await this.#agree();
      this.link(AWAY)?.goDown();
    });
  }

  /** Nothing happens any more, and the room and its tabs agree. */
  async rest(phase: number): Promise<void> {
    await this.naming(phase, async () => {
      await this.#agree();
      if (this.#isLossy) await this.actAll({ kind: "loss", isOver: true });
      this.#isLossy = false;
    });
  }

  async end(): Promise<void> {
    this.last = await this.records();
    await this.removeTabs();
  }

  protected override specOf(tab: number, name: string, host: string): BoardTabSpec {
    const { room } = this.place;
    const who = whoIn(tab);
    const key = who.user.padEnd(21, "x") + "A";
    const variant = boardVariantOf(room);
    return { party: this.#party, room, variant, who, name, host, key, resumes: tab % 2 === 0 };
  }

  protected override story(phase: number): object {
    return { Steps: this.steps.slice(0, phase + 1), Schedules: this.faults.slice(0, phase + 1) };
  }

  /** The room is about to lose changes that it has answered. */
  async #lose(): Promise<void> {
    this.#isLossy = true;
    await this.actAll({ kind: "loss", isOver: false });
  }

  async #begin(): Promise<void> {
    await this.addTabs();
    for (const tab of BOARD_TABS.keys()) {
      await this.act(tab, { kind: "open", hasInitial: tab % 3 === 0 });
    }
  }

  protected override async take(step: BoardStep): Promise<void> {
    if (step.kind !== "wipe" && step.kind !== "deploy") return super.take(step);
    if (step.kind === "wipe") await this.#lose();
    // workerd may be down, for all rooms.
    await command(this.stage.workerd, this.place, step.kind).catch(() => {});
    if (step.kind === "deploy") {
      await super.take({ kind: this.place.party === "board" ? "sleep" : "reset" });
    }
  }

  async #agree(): Promise<void> {
    const { workerd, withinMs } = this.stage;
    await boardAgreed(workerd, this.place, withinMs, () => this.records());
  }
}

function mayHappen({ kind }: BoardStep, phase: BoardPhase | undefined): boolean {
  switch (kind) {
    case "wipe":
      return phase?.mayWipe === true;
    // A kill would bring back the first build, which cannot read what the second has stored.
    case "deploy":
      return phase?.isRough === false;
    case "reset":
      return phase?.isRough === true;
    case "act":
    case "wait":
    case "sleep":
      return true;
    default:
      return kind satisfies never;
  }
}
