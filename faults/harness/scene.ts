import { setTimeout as sleep } from "node:timers/promises";
import { Link } from "./proxy.ts";
import { putToSleep, reset, type RoomPlace } from "./room-place.ts";
import type { RoomStep } from "./room-steps.ts";
import type { Schedule } from "./schedule.ts";
import type { Tabs } from "./tabs.ts";
import type { Workerd } from "./workerd.ts";

/** A workerd, and the processes of the tabs of its rooms. */
export interface Stage<Spec, Action, Shown> {
  readonly workerd: Workerd;
  readonly processes: readonly Tabs<Spec, Action, Shown>[];
  /** How long a room and its tabs may take to agree at rest, in ms. */
  readonly withinMs: number;
}

/** One room and its tabs, each behind a network of its own. */
export abstract class Scene<Spec, Action, Shown> {
  readonly place: RoomPlace;
  protected readonly seed: number;
  protected readonly stage: Stage<Spec, Action, Shown>;
  readonly #names: readonly string[];
  #links: readonly Link[] = [];

  /** @param tabs their names in the room. */
  constructor(
    stage: Stage<Spec, Action, Shown>,
    seed: number,
    place: RoomPlace,
    tabs: readonly string[],
  ) {
    this.stage = stage;
    this.seed = seed;
    this.place = place;
    this.#names = tabs.map((name) => `${place.room}-${name}`);
  }

  /** A tab, whose network has this host. */
  protected abstract specOf(tab: number, name: string, host: string): Spec;

  /** What has happened so far, as data: the failure of the scene is named with it. */
  protected abstract story(phase: number): object;

  /** Adds the tabs. No page is loaded in them yet. */
  protected async addTabs(): Promise<void> {
    this.#links = await Promise.all(this.#names.map(() => Link.open(this.stage.workerd.port)));
    for (const [tab, name] of this.#names.entries()) {
      await this.#process(tab).add([this.specOf(tab, name, this.#links[tab]?.host ?? "")]);
    }
  }

  protected async removeTabs(): Promise<void> {
    await Promise.all(this.#names.map((name, tab) => this.#process(tab).remove([name])));
    await Promise.all(this.#links.map((link) => link.close()));
  }

  protected act(tab: number, action: Action): Promise<void> {
    return this.#process(tab).act(this.#names[tab] ?? "", action);
  }

  protected async actAll(action: Action): Promise<void> {
    await Promise.all(this.#names.map((_, tab) => this.act(tab, action)));
  }

  protected async records(): Promise<readonly Shown[]> {
    const records = this.stage.processes.map((tabs) =>
      tabs.records(this.#names.filter((_, tab) => this.#process(tab) === tabs)),
    );
    return (await Promise.all(records)).flat();
  }

  /** The networks of the tabs fail, each by its schedule, if there is one. */
  protected async suffer(schedules: readonly (Schedule | undefined)[]): Promise<void> {
    const suffering = this.#links.map(async (link, tab) => {
      const schedule = schedules[tab];
      if (schedule) await link.suffer(schedule);
    });
    await Promise.all(suffering);
  }

  /** The network of a tab, to take it away for a while. */
  protected link(tab: number): Link | undefined {
    return this.#links[tab];
  }

  protected async take(step: RoomStep<Action>): Promise<void> {
    const { workerd } = this.stage;
    switch (step.kind) {
      case "act":
        return this.act(step.tab, step.action);
      case "wait":
        return sleep(step.ms);
      // workerd may be down, for all rooms.
      case "sleep":
        return putToSleep(workerd, this.place).catch(() => {});
      case "reset":
        return reset(workerd, this.place).catch(() => {});
      default:
        step satisfies never;
    }
  }

  /** Plays a part of a phase. Its failure names the room, and what was done to it. */
  protected async naming(phase: number, play: () => Promise<void>): Promise<void> {
    try {
      await play();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const { party, room } = this.place;
      const where = `With seed ${this.seed}, in phase ${phase} of ${room} (${party})`;
      const story = Object.entries(this.story(phase)).map(
        ([what, data]) => `\n${what}: ${JSON.stringify(data)}`,
      );
      throw new Error(`${where}, ${reason}${story.join("")}`, { cause });
    }
  }

  /** The tabs next to each other are in different processes. */
  #process(tab: number): Tabs<Spec, Action, Shown> {
    const { processes } = this.stage;
    const tabs = processes[tab % processes.length];
    if (!tabs) throw new Error("There are no processes of tabs.");
    return tabs;
  }
}

/** Lets all come to their end, and throws the first failure. */
export async function all(works: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(works);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Freezes a process of tabs after a while, for a while. */
export async function frozen(
  tabs: Pick<Tabs<never, never, never>, "freeze" | "thaw"> | undefined,
  atMs: number,
  forMs: number,
): Promise<void> {
  await sleep(atMs);
  tabs?.freeze();
  await sleep(forMs);
  tabs?.thaw();
}

/**
 * Kills workerd after a while, and starts it again.
 *
 * @param meanwhile is done while it is down.
 */
export async function killed(
  workerd: Workerd,
  atMs: number,
  meanwhile: () => void = () => {},
): Promise<void> {
  await sleep(atMs);
  await workerd.kill();
  meanwhile();
  await workerd.restart();
}
