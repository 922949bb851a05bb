import { Party, type PartyOptions, presence, type PresenceOptions } from "partyflare";
import { present } from "./contracts.ts";
import { meter } from "./cost/meter.ts";
import type { Env } from "./env.ts";
import { countLife } from "./lives.ts";

/** A room of ours with presence and its defaults, in which each connection is a person. */
export class Present extends Party.for(present)<Env> {
  static override options: PartyOptions = { hibernate: true };
  static readonly more: PresenceOptions<typeof present> = {};

  readonly on = this.handle({ point: () => {} });

  readonly presence = this.use(
    presence({
      who: ({ id }) => ({ key: id }),
      ...(this.constructor as typeof Present).more,
    }),
  );

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countLife();
  }
}

/** The same, which sends everyone the members of a crowd too. */
export class PresentListed extends Present {
  static override readonly more = { maxListed: 10_000 };
}

/** The same as the first, with all that happens counted. */
export class PresentMetered extends Present {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    meter(this, ctx);
  }
}
