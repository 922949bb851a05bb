import { defineContract, type } from "@partyflare/shared";
import { type ErrorContext, history, Party } from "../src/index";

const events = defineContract({ fromServer: { said: type<string>() } });
const calls = defineContract({
  calls: { post: { input: type<string>(), output: type<string>(), once: true } },
});

/** What went wrong in these rooms, by their names. */
export const kvErrors = new Map<string, [during: string, error: unknown][]>();

function note(room: string, error: unknown, { during }: ErrorContext): void {
  kvErrors.set(room, [...(kvErrors.get(room) ?? []), [during, error]]);
}

/** A party that needs SQLite for its history; its class has none. */
export class KvHistoryRoom extends Party.for(events)<Cloudflare.Env> {
  readonly history = this.use(history({ events: ["said"] }));

  override onError(error: unknown, context: ErrorContext) {
    note(this.room, error, context);
  }
}

/** A party that needs SQLite for its results; its class has none. */
export class KvOnceRoom extends Party.for(calls)<Cloudflare.Env> {
  readonly on = this.handle({ post: (_from, text) => text });

  override onError(error: unknown, context: ErrorContext) {
    note(this.room, error, context);
  }
}

/** A party with a timed capability; its class has no SQLite. */
export class KvTimedRoom extends Party.for(events)<Cloudflare.Env> {
  readonly timed = this.use(() => ({ capability: { name: "timed", onAlarm() {} }, api: null }));

  override onError(error: unknown, context: ErrorContext) {
    note(this.room, error, context);
  }
}

/** A party that needs no SQLite, and whose class has none. */
export class KvPlainRoom extends Party.for(events)<Cloudflare.Env> {
  override async onConnect() {
    await this.ctx.storage.put("connected", true);
    this.emit("said", "hello");
  }

  override onError(error: unknown, context: ErrorContext) {
    note(this.room, error, context);
  }
}
