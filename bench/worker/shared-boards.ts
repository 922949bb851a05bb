import {
  type Connection,
  type ConnectionContext,
  Party,
  type PartyOptions,
  sharedState,
  type SharedStateOptions,
} from "partyflare";
import { NOTES, putsAskedFor } from "../shared-state/board.ts";
import { board } from "./contracts.ts";
import type { Env } from "./env.ts";
import { countLife } from "./lives.ts";
import { countRows } from "./rows.ts";
import { tagsOf } from "./visitor.ts";

/** A room of ours with shared state and its defaults, whose connections have the tag of a team. */
export class SharedBoard extends Party.for(board)<Env> {
  static override options: PartyOptions = { hibernate: true };
  static readonly more: Partial<SharedStateOptions<typeof board>> = {};

  readonly board = this.use(
    sharedState({
      initial: { notes: NOTES, shapes: {} },
      ...(this.constructor as typeof SharedBoard).more,
    }),
  );

  readonly on = this.handle({
    put: (_from, { id, shape }) =>
      this.board.change((draft) => {
        draft.shapes[id] = shape;
      }),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
  }

  override getConnectionTags(_connection: Connection, { request }: ConnectionContext): string[] {
    return tagsOf(request);
  }

  override onRequest(request: Request): Response {
    this.board.change((draft) => {
      for (const { id, shape } of putsAskedFor(request)) draft.shapes[id] = shape;
    });
    return new Response();
  }
}

/** The same, with its rows counted. */
export class SharedBoardCounted extends SharedBoard {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countRows(ctx.storage.sql);
  }
}

/** The same as the first, where each team sees its own note only. */
export class ViewedBoard extends SharedBoard {
  static override readonly more: Partial<SharedStateOptions<typeof board>> = {
    view: (value, { tags }) => ({
      ...value,
      notes: Object.fromEntries(tags.map((team) => [team, value.notes[team] ?? ""])),
    }),
    viewOf: ({ tags }) => tags.join(" "),
  };
}
