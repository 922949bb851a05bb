import type { Schema } from "@partyflare/shared";
import { isThenable, type WireShared } from "@partyflare/shared/internal";
import {
  type Capability,
  type Host,
  type IncomingCall,
  type RoomConnection,
  Window,
} from "../capability";
import { edit } from "./draft";
import { CommonFeed, type Feed, ViewFeed } from "./feed";
import { INTERNAL_ERROR, Readers } from "./readers";
import { SchemaCheck } from "./schema-check";
import { type StoreSettings, ValueStore } from "./value-store";

/** The options of `sharedState`, with defaults filled in. */
export interface SharedSettings extends StoreSettings {
  readonly view?: ((value: unknown, connection: RoomConnection) => unknown) | undefined;
  readonly viewOf?: ((connection: RoomConnection) => unknown) | undefined;
}

/** The capability of `sharedState()`. Changes are collected, and sent once a batch window. */
export class SharedRoom implements Capability {
  readonly name = "shared";
  readonly #host: Host;
  readonly #schema: SchemaCheck;
  readonly #store: ValueStore;
  readonly #hasViews: boolean;
  readonly #feed: Feed;
  readonly #readers: Readers;
  readonly #window: Window;
  /** Whether there are changes since the last flush. */
  #hasChanged = false;
  /** The app's code that runs now, and may not change the value; undefined for none. */
  #running: string | undefined;

  constructor(host: Host, schema: Schema, { view, viewOf, migrate, ...settings }: SharedSettings) {
    this.#host = host;
    this.#schema = new SchemaCheck(schema);
    const migrating =
      migrate &&
      ((stored: unknown, from: number) => this.#alone("migrate", () => migrate(stored, from)));
    const store = new ValueStore(host, this.#schema, { ...settings, migrate: migrating }, () =>
      this.#window.touch(),
    );
    this.#store = store;
    this.#hasViews = view !== undefined;
    this.#feed = view
      ? new ViewFeed(() => store.value, {
          view: (value, connection) => this.#alone("view", () => view(value, connection)),
          viewOf: viewOf && ((connection) => this.#alone("viewOf", () => viewOf(connection))),
        })
      : new CommonFeed(store);
    this.#window = new Window(host, host.batchWindowMs, () => this.#flush());
    this.#readers = new Readers(host, this.#feed, {
      stamp: () => ({ version: store.value.version, run: store.run }),
      onCaughtUp: () => this.#window.touch(),
    });
  }

  /** The value, deeply frozen. It is the same object until the next change. */
  get value(): Readonly<Record<string, unknown>> {
    return this.#store.look().value;
  }

  /** The number of the last change; 0 for the initial value. */
  get version(): number {
    return this.#store.look().version;
  }

  readonly change = (update: (draft: unknown) => unknown): void => {
    const value = this.#store.look();
    const edits = this.#alone("change()", () => this.#schema.edits(edit(value, update), value));
    if (!this.#store.commit(edits)) return;
    this.#hasChanged = true;
    this.#window.touch();
  };

  onStart(): void {
    this.#store.start();
    this.#window.touch();
  }

  onHello(connection: RoomConnection, asked: string): WireShared {
    this.#store.look();
    const version = this.#hasViews ? undefined : this.#store.versionOf(asked);
    const from = version === undefined ? undefined : { lineage: this.#store.lineage, version };
    try {
      return this.#readers.begin(connection, from);
    } catch (error) {
      // It has subscribed later. It may see nothing, and would wait for ever.
      if (connection.isOpen) connection.close(INTERNAL_ERROR, "internal");
      throw error;
    }
  }

  afterHello(connection: RoomConnection): void {
    this.#readers.pace(connection);
  }

  onChange(connection: RoomConnection): void {
    if (!this.#hasViews) return;
    this.#feed.forget(connection);
    this.#readers.restart(connection);
    this.#window.touch();
    // Otherwise the views would be made again and again.
    if (this.#running === "view" || this.#running === "viewOf") {
      throw new Error(
        "sharedState({ view }) must not change the state or the tags of a connection.",
      );
    }
  }

  onDisconnect(connection: RoomConnection): void {
    this.#feed.forget(connection);
    // The flush forgets the views of groups without connections.
    if (this.#hasViews) this.#window.touch();
  }

  /** The changes of a call reach its client together with the answer. */
  aroundCall({ connection }: IncomingCall, run: () => unknown): unknown {
    let outcome: unknown;
    try {
      outcome = run();
    } catch (error) {
      this.#catchUp(connection);
      throw error;
    }
    if (isThenable(outcome)) {
      this.#readers.hold(connection);
      return Promise.resolve(outcome).finally(() => {
        this.#readers.release(connection);
        this.#catchUp(connection);
      });
    }
    this.#catchUp(connection);
    return outcome;
  }

  onRollback(transactionNumber: number): void {
    this.#store.rollBack(transactionNumber);
  }

  onWiped(): void {
    this.#store.wipe();
  }

  #catchUp(connection: RoomConnection): void {
    this.#host.sendWithNext(connection, () => {
      // The platform may have rolled them back.
      if (this.#hasChanged) this.#store.look();
      return this.#readers.next(connection);
    });
  }

  #flush(): void {
    this.#store.look();
    this.#hasChanged = false;
    if (!this.#readers.flush()) this.#window.retry();
  }

  /** Runs code of the app that must not change the value. */
  #alone<Result>(what: string, run: () => Result): Result {
    const outer = this.#running;
    if (what === "change()" && outer) {
      throw new Error(`change() was called by ${outer} of sharedState(). Call it afterwards.`);
    }
    this.#running = what;
    try {
      return run();
    } finally {
      this.#running = outer;
    }
  }
}
