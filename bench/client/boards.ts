import { connect, sharedState } from "@partyflare/client";
import { type } from "@partyflare/shared";
import { applyPatches, enablePatches } from "immer";
import { type Board, NOTES, putOf, type Shape } from "../shared-state/board.ts";
import { LocalSocket } from "./line.ts";

/** What arrives, and how much of it. */
export interface BoardTask {
  readonly entries: number;
  /** How many entries a message changes. */
  readonly changes: number;
  /** How many components select an entry each after every message. */
  readonly selectors: number;
  /** How many messages a contender gets in its turn. */
  readonly messages: number;
  readonly rounds: number;
}

/** A client that has the board, and shows it after each message. */
interface Viewer {
  receive(event: MessageEvent<string>): void;
  close(): void;
}

/** A way to hold the board. */
interface BoardContender {
  /** @param show is called with the board after each message. */
  view(board: Board, show: (board: Board) => void): Viewer | Promise<Viewer>;
  /** The message that changes some shapes. */
  message(shapes: readonly (readonly [id: string, shape: Shape])[], version: number): string;
}

const contract = { shared: type<Board>() } as const;

const LOCATION = { host: "room.invalid", party: "board", room: "lobby" };

const CONTENDERS: Record<string, BoardContender> = {
  "hand-written": {
    view: (board, show) =>
      held(board, show, (before, text) => {
        const shapes = Object.fromEntries(JSON.parse(text) as [string, Shape][]);
        return { ...before, shapes: { ...before.shapes, ...shapes } };
      }),
    message: (shapes) => JSON.stringify(shapes),
  },
  "immer, applyPatches": {
    view(board, show) {
      enablePatches();
      return held(board, show, (before, text) =>
        applyPatches(before, JSON.parse(text) as Parameters<typeof applyPatches>[1]),
      );
    },
    message: (shapes) =>
      JSON.stringify(shapes.map(([id, value]) => ({ op: "replace", path: ["shapes", id], value }))),
  },
  sharedState: {
    view: viewShared,
    message: (shapes, version) => {
      const set = shapes.map(([id, shape]) => ["shapes", id, shape]);
      return JSON.stringify(["$shared", { version, run: RUN, set }]);
    },
  },
};

const RUN = "run";

/** A client by hand: parse, apply, show. */
function held(
  initial: Board,
  show: (board: Board) => void,
  apply: (before: Board, text: string) => Board,
): Viewer {
  let board = initial;
  const socket = new LocalSocket("wss://room.invalid");
  socket.addEventListener("message", (event) => {
    board = apply(board, (event as MessageEvent<string>).data);
    show(board);
  });
  return { receive: (event) => socket.receive(event), close: () => socket.close() };
}

/** Our client, once it has the board. */
function viewShared(initial: Board, show: (board: Board) => void): Promise<Viewer> {
  return new Promise((resolve) => {
    class OwnSocket extends LocalSocket {
      constructor(url: string, protocols?: string[]) {
        super(url, protocols);
        // Added first, so it comes before the client's own listener: hence one turn later.
        this.addEventListener("open", () => setTimeout(() => begin(this)));
      }
    }
    const room = connect<typeof contract>({ ...LOCATION, WebSocket: OwnSocket });
    const shared = sharedState(room);
    const begin = (socket: LocalSocket) => {
      const set = Object.entries(initial);
      const parts = { shared: { version: 0, run: RUN, reset: true, set } };
      const hello = JSON.stringify(["$hello", { id: "ada", room: "lobby", ...parts }]);
      socket.receive(new MessageEvent("message", { data: hello }));
      shared.subscribe(show);
      resolve({ receive: (event) => socket.receive(event), close: () => room.close() });
    };
  });
}

/** Rounds that do not count: what a compiler makes of the code has to be there first. */
const WARM_UP_ROUNDS = 3;

/**
 * Lets the contenders take turns, in Node and in browsers alike.
 *
 * @returns microseconds a message, one value a round, by contender.
 */
export async function measureBoards(task: BoardTask): Promise<Record<string, number[]>> {
  const seats = await Promise.all(
    Object.entries(CONTENDERS).map(([name, contender]) => Seat.of(name, contender, task)),
  );
  for (let round = -WARM_UP_ROUNDS; round < task.rounds; round += 1) {
    for (const seat of seats) {
      // Timers get their turn, which is where pings are sent.
      await new Promise((resolve) => setTimeout(resolve));
      seat.take(round >= 0);
    }
  }
  for (const { viewer } of seats) viewer.close();
  return Object.fromEntries(seats.map(({ name, values }) => [name, values]));
}

/** A contender with its board, and the components that show parts of it. */
class Seat {
  readonly name: string;
  readonly values: number[] = [];
  readonly viewer: Viewer;
  readonly #contender: BoardContender;
  readonly #task: BoardTask;
  readonly #screen: Screen;
  #puts = 0;
  #version = 0;

  private constructor(
    name: string,
    contender: BoardContender,
    task: BoardTask,
    viewer: Viewer,
    screen: Screen,
  ) {
    this.name = name;
    this.#contender = contender;
    this.#task = task;
    this.viewer = viewer;
    this.#screen = screen;
    this.#puts = task.entries;
  }

  static async of(name: string, contender: BoardContender, task: BoardTask): Promise<Seat> {
    const puts = Array.from({ length: task.entries }, (_, n) => putOf(n, task.entries));
    const shapes = Object.fromEntries(puts.map(({ id, shape }) => [id, shape]));
    const screen = new Screen(task);
    const viewer = await contender.view({ notes: NOTES, shapes }, (board) => screen.show(board));
    return new Seat(name, contender, task, viewer, screen);
  }

  /** @param counts false for a round that warms up. */
  take(counts: boolean): void {
    const { messages } = this.#task;
    this.#screen.begin();
    const events = Array.from({ length: messages }, () => this.#message());
    const start = performance.now();
    for (const event of events) this.viewer.receive(event);
    const microseconds = (performance.now() - start) * 1_000;
    if (!counts) return;
    this.#screen.check(messages);
    this.values.push(microseconds / messages);
  }

  #message(): MessageEvent<string> {
    const { changes, entries } = this.#task;
    const shapes = Array.from({ length: changes }, () => {
      const { id, shape } = putOf(this.#puts, entries);
      this.#puts += 1;
      this.#screen.expect(id);
      return [id, shape] as const;
    });
    this.#version += 1;
    const data = this.#contender.message(shapes, this.#version);
    return new MessageEvent("message", { data });
  }
}

/** Components that select an entry each, and render again only if it is another object. */
class Screen {
  readonly #ids: readonly string[];
  readonly #shown: (Shape | undefined)[] = [];
  #shows = 0;
  #renders = 0;
  /** How many of the entries that will change are selected. */
  #expected = 0;

  constructor({ selectors, entries }: BoardTask) {
    this.#ids = Array.from({ length: selectors }, (_, n) => putOf(n, entries).id);
  }

  show({ shapes }: Board): void {
    this.#shows += 1;
    for (const [index, id] of this.#ids.entries()) {
      const shape = shapes[id];
      if (shape === this.#shown[index]) continue;
      this.#shown[index] = shape;
      this.#renders += 1;
    }
  }

  /** An entry is about to change. */
  expect(id: string): void {
    if (this.#ids.includes(id)) this.#expected += 1;
  }

  begin(): void {
    this.#shows = 0;
    this.#renders = 0;
    this.#expected = 0;
  }

  /** @throws Error if a message was not shown, or a component rendered without need. */
  check(messages: number): void {
    const counts = `${this.#shows} of ${messages} messages, ${this.#renders} of ${this.#expected}`;
    if (this.#shows !== messages || this.#renders !== this.#expected) throw new Error(counts);
  }
}
