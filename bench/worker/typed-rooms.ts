import { Party, type PartyOptions } from "partyflare";
import { plain, withValibot, withZod } from "./contracts.ts";
import type { Env } from "./env.ts";
import { countLife } from "./lives.ts";

/** A room of ours with a contract, which stays in memory. */
export class TypedInMemory extends Party.for(plain)<Env> {
  readonly on = this.handle({
    say: (_from, text) => this.emit("say", text),
    echo: (from, text) => from.emit("echo", text),
    move: (from, move) => this.emit("move", move, { except: [from.id] }),
    point: () => {},
    add: (_from, { a, b }) => ({ sum: a + b }),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
  }
}

/** The same, which hibernates. */
export class TypedHibernating extends TypedInMemory {
  static override options: PartyOptions = { hibernate: true };
}

/** Hibernates, and joins what leaves within a frame of a screen. */
export class TypedBatched extends TypedInMemory {
  static override options: PartyOptions = { hibernate: true, batch: { windowMs: 16 } };
}

/** Hibernates, and sends each frame as a message of its own. */
export class TypedUnbatched extends TypedInMemory {
  static override options: PartyOptions = { hibernate: true, batch: false };
}

/** Joins what leaves within 50 ms; of several moves of one cursor only the newest leaves. */
export class TypedLatest extends Party.for(plain)<Env> {
  static override options: PartyOptions = { hibernate: true, batch: { windowMs: 50 } };

  readonly on = this.handle({
    say: (_from, text) => this.emit("say", text),
    echo: (from, text) => from.emit("echo", text),
    move: (from, move) => this.emit("move", move, { except: [from.id], latestBy: from.id }),
    point: () => {},
    add: (_from, { a, b }) => ({ sum: a + b }),
  });
}

/** A room whose events zod checks. */
export class CheckedByZod extends Party.for(withZod)<Env> {
  static override options: PartyOptions = { hibernate: true };
  readonly on = this.handle({ echo: (from, text) => from.emit("echo", text), point: () => {} });
}

/** A room whose events valibot checks. */
export class CheckedByValibot extends Party.for(withValibot)<Env> {
  static override options: PartyOptions = { hibernate: true };
  readonly on = this.handle({ echo: (from, text) => from.emit("echo", text), point: () => {} });
}
