import { history, Party, type PartyOptions } from "partyflare";
import { durable } from "./contracts.ts";
import type { Env } from "./env.ts";
import { countLife } from "./lives.ts";
import { countRows } from "./rows.ts";

/** A room of ours with durable events, and calls that happen once. */
export class Durable extends Party.for(durable)<Env> {
  static override options: PartyOptions = { hibernate: true };

  readonly history = this.use(history({ events: ["say"] }));

  readonly on = this.handle({
    say: (_from, text) => this.emit("say", text),
    add: (_from, { a, b }) => {
      const sum = a + b;
      this.ctx.storage.sql.exec(`INSERT INTO sums VALUES (?)`, sum);
      return { sum };
    },
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
    ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS sums (sum INTEGER)`);
  }
}

/** The same, with its written rows counted. */
export class DurableCounted extends Durable {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countRows(ctx.storage.sql);
  }
}
