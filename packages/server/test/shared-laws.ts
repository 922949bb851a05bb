import { defineContract, type } from "@partyflare/shared";
import { sharedState, type SharedState } from "../src/capabilities/shared-state/shared-state";
import type { IncomingCall } from "../src/capabilities/capability";
import { type FakeConnection, FakeHost } from "./fake-host";
import { Editor, shared, type Value } from "./shared-edits";
import type { Edit, Step } from "./shared-schedules";
import { SharedViewer } from "./shared-viewer";

/** The options that a run may have. */
export interface Rules {
  readonly view?: "each" | "group";
  readonly persist?: boolean;
  readonly isUnchecked?: boolean;
}

interface Eyes {
  readonly state: unknown;
  readonly tags: readonly string[];
}

const contract = defineContract({ shared, state: type<string>() });
const unchecked = defineContract({ shared: type<Value>(), state: type<string>() });

function maySee(owner: string, { state, tags }: Eyes): boolean {
  return state === owner || tags.includes("host");
}

/** What a client may see: only the secrets of its user. */
function viewOf(value: Value, eyes: Eyes): Value {
  const secrets = Object.entries(value.secrets).filter(([, { owner }]) => maySee(owner, eyes));
  return { ...value, secrets: Object.fromEntries(secrets) };
}

type Host = FakeHost<typeof contract, SharedState<typeof contract>>;

/** A slot's client, over all of its connections. */
interface Client {
  viewer: SharedViewer;
  connection: FakeConnection | undefined;
  taken: boolean;
  /** The newest version of each run that it was sent. */
  readonly newest: Map<string, number>;
}

/** One room and its clients, and what has to be true of them at rest. */
export class SharedLaws {
  readonly #rules: Rules;
  readonly #storage: DurableObjectStorage;
  readonly #clients: Client[];
  #room: Host;
  #era = 0;
  #keepTombstones = 2;
  readonly #editor = new Editor();
  #mayGoBack = false;

  constructor(storage: DurableObjectStorage, rules: Rules) {
    this.#storage = storage;
    this.#rules = rules;
    this.#clients = [0, 1, 2].map(() => this.#newClient());
    this.#room = this.#deploy(false);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const before = this.#clients.map(({ connection }) => connection && eyesOf(connection));
      await this.#do(step);
      this.#read(before);
    }
  }

  /** Brings all to rest, and checks the laws. */
  async rest(): Promise<void> {
    for (const { connection } of this.#clients) if (connection) connection.isBehind = false;
    // A look finds that the storage was wiped.
    const { value, version } = this.#room.api;
    await this.#room.settled();
    this.#wait();
    this.#check();
    this.#room.sleep();
    if (this.#rules.persist ?? true) {
      same(this.#room.api.value, value, "the value after a sleep");
      same(this.#room.api.version, version, "the version after a sleep");
    }
    this.#room.settle();
    this.#wait();
    this.#check();
  }

  #wait(): void {
    for (let turns = 0; this.#room.timers > 0; turns += 1) {
      if (turns > 1_000) throw new Error("The room never comes to rest.");
      this.#room.pass(50);
    }
    this.#read([]);
    same(this.#room.errors, [], "errors");
  }

  #check(): void {
    const { value, version } = this.#room.api;
    for (const { viewer, connection } of this.#clients) {
      if (!connection?.isOpen) continue;
      const seen = this.#rules.view ? viewOf(value as Value, eyesOf(connection)) : value;
      same(viewer.value, seen, "a viewer");
      if (!viewer.isComplete) throw new Error("A change is not complete.");
      if (!this.#rules.view) same(viewer.version, version, "the version of a viewer");
    }
  }

  async #do(step: Step): Promise<void> {
    const room = this.#room;
    const client = "slot" in step ? this.#clients[step.slot] : undefined;
    const connection = client?.connection?.isOpen ? client.connection : undefined;
    switch (step.kind) {
      case "change":
        return this.#change(step.edits);
      case "refuse":
        return refused(() =>
          room.api.change((draft) => {
            this.#editor.edit(draft, step.edits);
            if (step.throws || this.#rules.isUnchecked) throw new Error("refused");
            draft.phase = "neither" as "open";
          }),
        );
      case "transact":
        return this.#transact(step);
      case "platform":
        this.#mayGoBack ||= step.fails;
        return refused(() =>
          this.#storage.transactionSync(() => {
            this.#change(step.edits);
            if (step.fails) throw new Error("rolled back");
          }),
        );
      case "call":
        return connection && this.#call(connection, step);
      case "join":
        return client && this.#join(client, step);
      case "leave":
        return connection && room.leave(connection);
      case "behind":
        if (connection) connection.isBehind = step.isBehind;
        return;
      case "become":
        return connection?.setState(step.user);
      case "tag":
        return connection?.setTags(step.isHost ? ["host"] : []);
      case "pass":
        return room.pass(step.ms);
      case "settle":
        return room.settle();
      case "sleep":
        room.settle();
        if (room.timers === 0) room.sleep();
        return;
      case "crash":
        return room.crash();
      case "wipe":
        return this.#storage.deleteAll();
      case "deploy":
        if (step.migrates) this.#era += 1;
        this.#keepTombstones = step.keepTombstones;
        room.crash();
        this.#room = this.#deploy(step.migrates);
        return;
      default:
        return step satisfies never;
    }
  }

  #deploy(migrates: boolean): Host {
    const era = this.#era;
    const { view, persist, isUnchecked } = this.#rules;
    const initial = { phase: "open", votes: {}, secrets: {}, tasks: [], big: {}, era } as const;
    const feature = sharedState<typeof contract>({
      initial: { ...initial, tasks: [] },
      persist: persist ?? true,
      keepTombstones: this.#keepTombstones,
      ...(view && { view: (value, connection) => viewOf(value as Value, connection) }),
      ...(view === "group" && {
        viewOf: ({ state, tags }) => (tags.includes("host") ? "host" : `of ${state}`),
      }),
      schemaVersion: era + 1,
      ...(migrates && { migrate: (stored) => ({ ...(stored as Value), era }) }),
    });
    const used = isUnchecked ? (unchecked as unknown as typeof contract) : contract;
    return FakeHost.with(feature, { contract: used, storage: this.#storage });
  }

  #newClient(): Client {
    return { viewer: new SharedViewer(), connection: undefined, taken: true, newest: new Map() };
  }

  #change(edits: readonly Edit[]): void {
    this.#room.api.change((draft) => this.#editor.edit(draft, edits));
  }

  #transact({ outer, inner, after, fails }: Extract<Step, { kind: "transact" }>): void {
    refused(() =>
      this.#room.transaction(() => {
        this.#change(outer);
        refused(() =>
          this.#room.transaction(() => {
            this.#change(inner);
            if (fails === "inner" || fails === "both") throw new Error("rolled back");
          }),
        );
        this.#change(after);
        if (fails === "outer" || fails === "both") throw new Error("rolled back");
      }),
    );
  }

  async #call(
    connection: FakeConnection,
    { edits, fails, later }: Extract<Step, { kind: "call" }>,
  ): Promise<void> {
    const call = { connection: connection.real, name: "vote" } as IncomingCall;
    const run = () => {
      this.#change(edits);
      if (fails) throw new Error("refused");
    };
    try {
      await this.#room.capability.aroundCall?.(call, later ? async () => run() : run);
    } catch (error) {
      if (!String(error).includes("refused")) throw error;
    }
    // With the answer, the client has what it has changed.
    if (this.#rules.view || connection.isBehind) return;
    const { viewer } = this.#clients.find((each) => each.connection === connection) as Client;
    this.#read([]);
    if (viewer.isComplete) same(viewer.value, this.#room.api.value, "the caller's value");
  }

  #join(client: Client, { user, isHost, asked }: Extract<Step, { kind: "join" }>): void {
    if (client.connection?.isOpen) this.#room.leave(client.connection);
    if (asked !== "known") client.viewer = new SharedViewer();
    client.connection = this.#room.connect(`c${this.#clients.indexOf(client)}`, {
      asked: this.#asked(asked, client),
      state: user,
      tags: isHost ? ["host"] : [],
    });
    client.taken = false;
  }

  #asked(asked: string, { viewer }: Client): string {
    if (asked === "known") return viewer.position;
    return asked === "other" ? `${viewer.run}x.1` : asked;
  }

  /** Gives the clients what was sent, and checks it. */
  #read(before: readonly (Eyes | undefined)[]): void {
    this.#clients.forEach((client, index) => {
      const { connection, viewer } = client;
      if (!connection) return;
      const payloads = connection.take();
      if (!client.taken) viewer.hello(connection.hello);
      const seen = client.taken ? payloads : [connection.hello, ...payloads];
      client.taken = true;
      for (const payload of payloads) viewer.take(payload);
      for (const payload of seen) {
        this.#checkVersion(client.newest, payload as { run: string; version: number });
      }
      if (!this.#rules.view) return;
      for (const [, owner = ""] of JSON.stringify(seen).matchAll(/<(\w+)-\d+>/g)) {
        const eyes = [eyesOf(connection), before[index] ?? eyesOf(connection)];
        if (!eyes.some((each) => maySee(owner, each))) throw new Error(`A leak to ${index}.`);
      }
    });
  }

  #checkVersion(
    newest: Map<string, number>,
    { run, version }: { run: string; version: number },
  ): void {
    if (version < (newest.get(run) ?? 0) && !this.#mayGoBack) {
      throw new Error(`Version ${version} of ${run} after ${newest.get(run)}.`);
    }
    newest.set(run, version);
  }
}

function eyesOf({ state, tags }: FakeConnection): Eyes {
  return { state, tags };
}

function refused(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!/refused|rolled back|not valid/.test(String(error))) throw error;
  }
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value, byName));
  if (is !== should) {
    throw new Error(`${what}: ${is?.slice(0, 2_000)}\nexpected ${should?.slice(0, 2_000)}`);
  }
}

/** The order of fields says nothing. */
function byName(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
