import { type ConnectionOf, type Member, Party, presence, type PresenceOptions } from "partyflare";
import { crowd, type Person, type Team } from "./presence-contract.ts";
import {
  isShown,
  lastKeysFirst,
  type MemberReport,
  type PresenceReport,
  type Variant,
  VARIANTS,
  variantOf,
} from "./presence-report.ts";

type CrowdConnection = ConnectionOf<typeof crowd>;

/** Longer than a busy machine keeps a client from its pings, and short enough to wait for. */
const DEAD_AFTER_MS = 1_500;

/** A room that shares who is in it, and notes what `onJoin` and `onLeave` are told. */
class CrowdRoom extends Party.for(crowd)<{}> {
  readonly presence = this.use(presence(this.#options));
  readonly on = this.handle({
    here: ({ state: { visit } }) => void this.#sql(`INSERT OR IGNORE INTO taken VALUES (?)`, visit),
    become: (from, { person, tags }) => {
      from.setState(({ visit }) => ({ ...person, visit }));
      from.setTags(tags);
      return null;
    },
    poke: () => null,
  });
  readonly #mistakes: string[] = [];
  /** Whether each member is in the room, by what the hooks were told in this life of the room. */
  readonly #told = new Map<string, boolean>();

  override onStart() {
    this.#sql(`CREATE TABLE IF NOT EXISTS taken (visit TEXT PRIMARY KEY)`);
  }

  override authorize(request: Request) {
    const person = JSON.parse(new URL(request.url).searchParams.get("person") ?? "") as Person;
    return { ...person, visit: crypto.randomUUID() };
  }

  override getConnectionTags(_connection: CrowdConnection, { request }: { request: Request }) {
    return JSON.parse(new URL(request.url).searchParams.get("tags") ?? "[]") as Team[];
  }

  /** `GET` returns the room's report. `POST ?reset` ends this life of the room. */
  override onRequest(request: Request): Response {
    if (request.method === "POST") this.ctx.abort("It is reset.");
    return Response.json(this.report());
  }

  report(): PresenceReport {
    const { graceMs } = this.#variant;
    const members = this.presence.members as readonly MemberReport[];
    const taken = new Set(this.#sql(`SELECT visit FROM taken`).map(({ visit }) => visit));
    const gone = members.filter(({ key }) => this.#told.get(key) === false);
    const keys = new Set(members.map(({ key }) => key));
    const untold = [...this.#told].filter(([key, isHere]) => isHere && !keys.has(key));
    return {
      variant: variantOf(this.room),
      graceMs,
      deadAfterMs: DEAD_AFTER_MS,
      members,
      connections: this.getConnections().map(({ id, client, state, tags }) => {
        const { visit, ...person } = state;
        return { id, client, person, tags, wasTaken: taken.has(visit) };
      }),
      mistakes: [
        ...this.#mistakes,
        ...gone.map(({ key }) => `onLeave was told of ${key}, who is a member`),
        ...untold.map(([key]) => `onLeave was not told of ${key}, who is no member`),
      ],
    };
  }

  get #variant(): Variant {
    return VARIANTS[variantOf(this.ctx.id.name ?? "")];
  }

  get #options(): PresenceOptions<typeof crowd> {
    const { graceMs, windowMs, maxListed, isAnonymous, isPerViewer, picksLast } = this.#variant;
    return {
      graceMs,
      ...(windowMs !== undefined && { windowMs }),
      ...(maxListed !== undefined && { maxListed }),
      ...(!isAnonymous && { who: ({ state }) => whoIs(state) }),
      ...(isPerViewer && {
        visible: (member, { tags }) => isShown(member, tags),
      }),
      ...(picksLast && { list: (members) => lastKeysFirst(members) }),
      onJoin: (member) => this.#tell(member, "onJoin", true),
      onLeave: (member) => this.#tell(member, "onLeave", false),
    };
  }

  #sql(query: string, ...values: string[]): Record<string, unknown>[] {
    return this.ctx.storage.sql.exec(query, ...values).toArray();
  }

  #tell({ key }: Member<typeof crowd>, hook: string, isHere: boolean): void {
    if (this.#told.get(key) === isHere) this.#mistakes.push(`${hook} was told of ${key} twice`);
    this.#told.set(key, isHere);
  }
}

/** Stays in memory while anyone is connected. */
export class CrowdInMemory extends CrowdRoom {
  static override options = { limits: { deadAfterMs: DEAD_AFTER_MS } };
}

/** May sleep while its connections stay open. */
export class CrowdHibernating extends CrowdRoom {
  static override options = { hibernate: true, limits: { deadAfterMs: DEAD_AFTER_MS } };
}

function whoIs({ user, name, team }: Person) {
  return user === "" ? null : { key: user, name, team };
}
