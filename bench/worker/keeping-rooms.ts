import { history, Party, type PartyOptions } from "partyflare";
import { durable } from "./contracts.ts";
import type { Env } from "./env.ts";
import { countLife } from "./lives.ts";
import { countRows } from "./rows.ts";

/** Of an event that a room is filled with: 100,000 of them stay below `keepBytes`. */
const TEXT = "x".repeat(20);

/** A room that writes nothing of its own, with its rows counted: each class keeps another number of events. */
class Keeping extends Party.for(durable)<Env> {
  static override options: PartyOptions = { hibernate: true };
  static readonly keepEvents: number = 10;

  readonly history = this.use(
    history({
      events: ["say"],
      keepEvents: (this.constructor as typeof Keeping).keepEvents,
      keepMs: 24 * 60 * 60 * 1_000,
    }),
  );

  readonly on = this.handle({
    say: (_from, text) => this.emit("say", text),
    add: (_from, { a, b }) => ({ sum: a + b }),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    countRows(ctx.storage.sql);
  }

  /** `POST ?fill=` emits so many events. */
  override onRequest(request: Request): Response {
    const events = Number(new URL(request.url).searchParams.get("fill"));
    for (let count = 0; count < events; count += 1) this.emit("say", TEXT);
    return new Response(String(this.history.head));
  }
}

export class Keeping10 extends Keeping {
  static override readonly keepEvents = 10;
}

export class Keeping1000 extends Keeping {
  static override readonly keepEvents = 1_000;
}

export class Keeping100000 extends Keeping {
  static override readonly keepEvents = 100_000;
}
