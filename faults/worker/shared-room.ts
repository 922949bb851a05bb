import { type ConnectionOf, Party, PartyError, sharedState } from "partyflare";
import { type BoardContract, boardContract, SCHEMAS } from "./shared-contract.ts";
import { applyEdit, type Change, freshBoard, spoil } from "./shared-edits.ts";
import {
  type Board,
  type BoardReport,
  boardVariantOf,
  shortened,
  viewOf,
  VOID,
} from "./shared-report.ts";
import type { Team } from "./presence-contract.ts";

type BoardConnection = ConnectionOf<BoardContract>;

interface BoardEnv {
  /** The build of the Worker, for rooms that are not deployed alone. Default: 1. */
  readonly BUILD?: string;
}

type Build = 1 | 2;

const DEAD_AFTER_MS = 700;

/** The rooms of this process that are of the second build from their next life on. */
const deployed = new Set<string>();

/** What a room is made of. */
interface Making {
  readonly name: string;
  readonly build: Build;
  readonly hibernates: boolean;
}

/** Returns the room as one build of an app has it. */
function boardRoom({ name, build, hibernates }: Making) {
  const { isFleeting, isLarge = false, keepTombstones, schema, view } = boardVariantOf(name);
  const variant = boardVariantOf(name);
  const whoIs = ({ state: { user }, tags }: BoardConnection) => ({ user, tags });

  /** A room that shares a value, and changes it as clients ask. */
  return class BoardRoom extends Party.for(boardContract(SCHEMAS[schema][build]))<BoardEnv> {
    static override options = {
      limits: { deadAfterMs: DEAD_AFTER_MS },
      ...(hibernates ? { hibernate: true } : { batch: { windowMs: 20 } }),
    };

    readonly board = this.use(
      sharedState({
        initial: freshBoard(build, isLarge),
        ...(isFleeting && { persist: false }),
        ...(keepTombstones !== undefined && { keepTombstones }),
        ...(view && {
          view: (board, connection) => viewOf(variant, board as Board, whoIs(connection)),
        }),
        ...(view === "team" && { viewOf: ({ tags }) => tags.toSorted().join() }),
        ...(build === 2 && { schemaVersion: 2, migrate }),
      }),
    );
    readonly on = this.handle({
      changing: (_from, change) => void this.#change(change),
      change: (_from, change) => this.#change(change),
      changeOnce: (_from, change) => this.#change(change),
      become: (from, { user, tags }) => {
        from.setState({ user });
        from.setTags(tags);
        return null;
      },
    });
    readonly #mistakes: string[] = [];

    override authorize(request: Request) {
      return { user: new URL(request.url).searchParams.get("user") ?? "" };
    }

    override getConnectionTags(_connection: BoardConnection, { request }: { request: Request }) {
      return JSON.parse(new URL(request.url).searchParams.get("tags") ?? "[]") as Team[];
    }

    /** What a client has asked for may fail. The library must not. */
    override onError(error: unknown, { during }: { during: string }) {
      if (during === "capability" || during === "start") {
        this.#mistakes.push(`failed in ${during}: ${String(error)}`);
      }
    }

    /** `GET` returns the room's report. `POST` ends this life of the room, and others. */
    override async onRequest(request: Request): Promise<Response> {
      const { searchParams } = new URL(request.url);
      if (searchParams.has("reset")) this.ctx.abort("It is reset.");
      if (searchParams.has("wipe")) await this.ctx.storage.deleteAll();
      if (searchParams.has("deploy")) deployed.add(name);
      return request.method === "GET" ? Response.json(this.report()) : new Response();
    }

    report(): BoardReport {
      return {
        value: shortened(this.board.value) as Board,
        version: this.board.version,
        build,
        connections: this.getConnections().map((connection) => {
          return { id: connection.id, ...whoIs(connection) };
        }),
        mistakes: this.#mistakes,
      };
    }

    #change(change: Change): null {
      if (change.ending === "undone") this.transactionSync(() => this.#carryOut(change));
      else this.#carryOut(change);
      return null;
    }

    #carryOut({ id, edits, ending, isSplit, text = id }: Change): void {
      const label = ending === "kept" ? text : `${VOID}${id}`;
      if (isSplit) {
        for (const edit of ending === "kept" || ending === "undone" ? edits : []) {
          this.board.change((draft) => applyEdit(draft, edit, label, build));
        }
      }
      this.board.change((draft) => {
        if (!isSplit) for (const edit of edits) applyEdit(draft, edit, label, build);
        const mark = ending === "kept" ? id : label;
        draft.kept[mark] = (draft.kept[mark] ?? 0) + 1;
        spoil(draft, ending);
      });
      if (ending === "undone") throw new PartyError("undone");
    }
  };
}

/** The second build's form of what the first has stored. */
function migrate(stored: unknown): Board {
  const { title, ...rest } = stored as { title: string };
  return { ...rest, title: { text: title } } as unknown as Board;
}

interface Room {
  fetch(request: Request): Promise<Response>;
}

function roomOf(ctx: DurableObjectState, env: BoardEnv, hibernates: boolean): Room {
  const name = ctx.id.name ?? "";
  const build = deployed.has(name) || env.BUILD === "2" ? 2 : 1;
  return new (boardRoom({ name, build, hibernates }))(ctx, env);
}

/** Stays in memory while anyone is connected. */
// oxlint-disable-next-line typescript/no-extraneous-class -- the platform constructs it
export class BoardInMemory {
  constructor(ctx: DurableObjectState, env: BoardEnv) {
    return roomOf(ctx, env, false);
  }
}

/** May sleep while its connections stay open. */
// oxlint-disable-next-line typescript/no-extraneous-class -- the platform constructs it
export class BoardHibernating {
  constructor(ctx: DurableObjectState, env: BoardEnv) {
    return roomOf(ctx, env, true);
  }
}
