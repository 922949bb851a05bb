import { defineContract, type } from "@partyflare/shared";
import {
  type ConnectionContext,
  type ConnectionOf,
  type Credential,
  history,
  Party,
  PartyError,
  type PartyOptions,
  presence,
  sharedState,
} from "../src/index";

export const kit = defineContract({
  fromClient: {
    say: type<{ text: string }>(),
    remindIn: type<number>(),
    expire: type<void>(),
  },
  fromServer: {
    said: type<{ by: string; text: string }>(),
    posted: type<string>(),
    reminded: type<{ atMs: number }>(),
    later: type<{ atMs: number }>(),
  },
  calls: {
    post: { input: type<string>(), output: type<number>(), once: true },
    vote: { input: type<string>(), output: type<void>() },
    /** Starts a timer of the party's own. */
    wait: { input: type<number>(), output: type<void>() },
  },
  member: type<{ name: string }>(),
  shared: type<{ votes: Record<string, number> }>(),
  state: type<{ name: string }>(),
});

/** A party as the users of the test kit write them: with everything in it. */
export class KitRoom extends Party.for(kit)<Cloudflare.Env> {
  static override options: PartyOptions = { hibernate: true };

  /** How often this instance has been called: in memory alone. */
  calls = 0;

  readonly past = this.use(history({ events: ["posted"] }));
  readonly who = this.use(presence({ who: ({ state: { name } }) => ({ key: name, name }) }));
  readonly poll = this.use(sharedState({ initial: { votes: {} } }));

  readonly on = this.handle({
    say: ({ state }, { text }) => this.emit("said", { by: state.name, text }),
    remindIn: (_from, ms) => this.ctx.storage.setAlarm(Date.now() + ms),
    expire: (from) => from.expireAt(Date.now() + 60_000),
    post: (_from, text) => {
      this.calls += 1;
      this.emit("posted", text);
      return this.calls;
    },
    vote: (_from, choice) => {
      this.poll.change((draft) => {
        draft.votes[choice] = (draft.votes[choice] ?? 0) + 1;
      });
    },
    wait: (_from, ms) => {
      setTimeout(() => this.emit("later", { atMs: Date.now() }), ms);
    },
  });

  override authorize(request: Request, { token }: Credential) {
    const name = request.headers.get("X-Name") ?? token;
    if (name === "mallory") throw new PartyError("unauthorized");
    if (name === "late") throw new PartyError("closed_today", { message: "Come tomorrow." });
    return { name: name ?? "guest" };
  }

  override onConnect(connection: ConnectionOf<typeof kit>, { request }: ConnectionContext) {
    const isRaw = request.headers.get("Sec-WebSocket-Protocol")?.includes("partyflare.raw");
    if (isRaw) connection.send(`welcome, ${connection.state.name}`);
  }

  override onMessage(_connection: ConnectionOf<typeof kit>, message: string | ArrayBuffer) {
    this.broadcast(message);
  }

  override onAlarm() {
    this.emit("reminded", { atMs: Date.now() });
  }
}

export class KitInMemoryRoom extends KitRoom {
  static override options: PartyOptions = { hibernate: false };
}

export class KitUnbatchedRoom extends KitRoom {
  static override options: PartyOptions = { batch: false };
}
