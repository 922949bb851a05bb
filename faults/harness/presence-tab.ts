import { presence, type Presence, type Room } from "@partyflare/client";
import type { crowd, Person, Shared, Team } from "../worker/presence-contract.ts";
import { type Browser, comesBack, connectionOf, connectTab, PingingSocket } from "./browser.ts";
import { PagedTab } from "./paged-tab.ts";
import type { PresenceTabRecord, PresenceTabSpec, TabAction } from "./presence-messages.ts";

/** More than a member's data may be, in characters. */
const TOO_LONG = 3_000;

/** One tab of a browser. It shows who is in the room, while a page is loaded in it. */
export class PresenceTab extends PagedTab<Page> {
  readonly #spec: PresenceTabSpec;
  readonly #browser: Browser = new Map();
  readonly #mistakes: string[] = [];
  #person: Person;
  #tags: readonly Team[];
  #opens = 0;

  constructor(spec: PresenceTabSpec) {
    super(spec);
    this.#spec = spec;
    this.#person = spec.person;
    this.#tags = spec.tags;
  }

  get record(): PresenceTabRecord {
    const { name, key } = this.#spec;
    const page = this.page?.record;
    return {
      name,
      key,
      person: this.#person,
      tags: this.#tags,
      ...(page && { page }),
      opens: this.#opens,
      mistakes: this.#mistakes,
    };
  }

  act(action: TabAction): void | Promise<void> {
    const { page } = this;
    switch (action.kind) {
      case "open":
      case "close":
      case "reload":
        return this.turn(action);
      case "set":
        return page?.set(action.fields);
      case "burst":
        for (let times = 0; times < action.times; times += 1) page?.set(["cursor"]);
        return;
      case "nonsense":
        return page?.setNonsense(action.isLarge);
      case "become":
        return this.#become(action.person, action.tags);
      case "retag":
        return this.#become(this.#person, action.tags);
      case "poke":
        return page?.poke();
      default:
        action satisfies never;
    }
  }

  #become(person: Person, tags: readonly Team[]): void {
    this.#person = person;
    this.#tags = tags;
    this.page?.become(person, tags);
  }

  protected override load(hasInitial: boolean): Page {
    const connected = connectTab<typeof crowd>(this.#browser, this.#spec, {
      WebSocket: PingingSocket,
      query: () => ({ person: JSON.stringify(this.#person), tags: JSON.stringify(this.#tags) }),
    });
    connected.onStatus(({ state }) => {
      if (state !== "open") return;
      this.#opens += 1;
      connected.emit("here", null);
    });
    const page = new Page(connected, this.#mistakes, { hasInitial });
    // A connection that is no member cannot share data.
    if (this.#person.user === "") page.doubt();
    comesBack(connected, () => this.page !== page);
    return page;
  }
}

/** One page, from its load to its end. */
class Page {
  readonly hasInitial: boolean;
  readonly #room: Room<typeof crowd>;
  readonly #here: Presence<typeof crowd>;
  readonly #mistakes: string[];
  /** The others, as the events have told of them; undefined before the first list. */
  #known: Set<string> | undefined;
  #first: readonly string[] | undefined;
  #own: Partial<Shared> = {};
  /** Whether the room may have refused some of it. */
  #isInDoubt = false;
  #cursor = 0;

  constructor(
    room: Room<typeof crowd>,
    mistakes: string[],
    { hasInitial }: { hasInitial: boolean },
  ) {
    this.#room = room;
    this.#mistakes = mistakes;
    this.hasInitial = hasInitial;
    const initial = { cursor: 0, isHidden: false };
    if (hasInitial) this.#own = initial;
    this.#here = presence(room, hasInitial ? { initial } : {});
    this.#here.on("join", ({ key }) => this.#hear(key, "join"));
    this.#here.on("leave", ({ key }) => this.#hear(key, "leave"));
    this.#here.subscribe(() => this.#compare());
    room.onError(({ code }) => {
      if (!this.#isInDoubt) mistakes.push(`was told ${code}, and has set nothing wrong`);
    });
  }

  get record(): PresenceTabRecord["page"] {
    const { me, members, size, isPartial } = this.#here;
    return {
      id: this.#room.id,
      ...connectionOf(this.#room),
      ...(me && { me }),
      members,
      size,
      isPartial,
      ...(this.#first && { first: this.#first }),
      ...(!this.#isInDoubt && { own: { fields: this.#own } }),
    };
  }

  set(names: readonly (keyof Shared)[]): void {
    this.#cursor += 1;
    const all: Shared = {
      cursor: this.#cursor,
      isHidden: this.#cursor % 4 === 0,
      note: `${this.#room.id} ${this.#cursor}`,
    };
    const fields = Object.fromEntries(names.map((name) => [name, all[name]])) as Partial<Shared>;
    this.#own = { ...this.#own, ...fields };
    // Incomplete data is refused.
    if (!("cursor" in this.#own && "isHidden" in this.#own)) this.#isInDoubt = true;
    this.#here.set(fields);
  }

  setNonsense(isLarge: boolean): void {
    this.#isInDoubt = true;
    const note = isLarge ? "x".repeat(TOO_LONG) : (null as unknown as string);
    this.#here.set({ note });
  }

  become(person: Person, tags: readonly Team[]): void {
    if (person.user === "") this.#isInDoubt = true;
    // Without a connection, or if it is lost, the next attempt's query says the same.
    this.#room.call("become", { person, tags: [...tags] }).catch(() => {});
  }

  doubt(): void {
    this.#isInDoubt = true;
  }

  async poke(): Promise<void> {
    await this.#room.call("poke");
  }

  close(): void {
    this.#room.close();
  }

  #hear(key: string, event: "join" | "leave"): void {
    const isNew = !this.#known?.has(key);
    if (isNew !== (event === "join"))
      this.#mistakes.push(`was told twice of the ${event} of ${key}`);
    if (event === "join") this.#known?.add(key);
    else this.#known?.delete(key);
  }

  /** The list has whom the events have told of, and no others. */
  #compare(): void {
    const keys = this.#here.others.map(({ key }) => key);
    this.#first ??= this.#here.members.map(({ key }) => key);
    this.#known ??= new Set(keys);
    const untold = keys.filter((key) => !this.#known?.has(key));
    const gone = [...this.#known].filter((key) => !keys.includes(key));
    if (untold.length > 0) this.#mistakes.push(`lists ${untold.join()}, and was told of no join`);
    if (gone.length > 0)
      this.#mistakes.push(`does not list ${gone.join()}, and was told of no leave`);
  }
}
