import { vi } from "vitest";
import type { DurableConnection, DurableRoom, DurableScript } from "./durable-party";
import { CODE_OF, makeLeave } from "./leaving";
import type { Action, Hook, Program } from "./turn-programs";

/** A durable event that a connection may see. */
interface Said {
  readonly n: number;
  /** The only one that gets it. */
  readonly to?: string;
}

/**
 * A party that does anything anywhere, and writes down each breach of law 1: user code that runs
 * on the library's stack or in a transaction of others, a connection that stays listed, an
 * `onClose` without its `onConnect`. What its clients have received is judged by the test.
 */
export class TurnLaws {
  readonly breaches: string[] = [];
  /** What it has written for good, in order. */
  written: string[] = [];
  readonly came: string[] = [];
  readonly left: string[] = [];
  readonly #program: Program;
  readonly #thrown = new Set<string>();
  readonly #reported: string[] = [];
  #party: DurableRoom | undefined;
  #made = 0;
  #hooks = 0;
  /** The call of the library that is running. */
  #libraryCall: string | undefined;
  #isInTransaction = false;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Errors that the party has thrown, and was not told of exactly once. */
  get unreported(): string[] {
    const times = (error: string) => this.#reported.filter((told) => told === error).length;
    return [...this.#thrown].filter((error) => times(error) !== 1);
  }

  get script(): DurableScript {
    return {
      onStart: (party) => this.#run("onStart", party),
      authorize: (party, _request, { id }) => this.#run("authorize", party, undefined, id),
      getConnectionTags: (party, connection) => {
        this.#run("getConnectionTags", party, connection);
        return [];
      },
      onConnect: (party, connection) => {
        this.came.push(connection.id);
        this.#run("onConnect", party, connection);
      },
      onMessage: (party, connection, message) => {
        if (message === "fail") this.#throw();
        this.#run("onMessage", party, connection);
      },
      onClose: (party, connection) => {
        this.left.push(connection.id);
        if (!this.came.includes(connection.id))
          this.#breach(`${connection.id} left before it came`);
        this.#also("onClose", party, connection);
      },
      onError: (party, error, { connection }) => {
        this.#reported.push((error as Error).message);
        this.#also("onError", party, connection);
      },
      onInvalid: (party, connection) => this.#also("onInvalid", party, connection),
      say: (party, from) => this.#run("event", party, from),
      ask: (party, from) => this.#run("call", party, from),
      post: (party, from) => this.#transaction(() => this.#run("once", party, from)),
      validate: (value) => {
        if (this.#party) this.#run("schema", this.#party, this.#party.getConnection("ada"));
        return { value };
      },
    };
  }

  /** What every party does when it hears that something has ended or failed. */
  #also(hook: Hook, party: DurableRoom, connection: DurableConnection | undefined): void {
    this.#check(hook);
    this.#perform("emit", party, connection);
    this.#perform("write", party, connection);
    this.#run(hook, party, connection);
  }

  #run(hook: Hook, party: DurableRoom, connection?: DurableConnection, id = connection?.id): void {
    this.#check(hook);
    this.#party = party;
    // The observer is never disturbed; bob has a program of his own only for his end.
    if (id === "eve" || (id === "bob" && hook !== "onClose")) return;
    for (const action of this.#program[hook] ?? []) this.#perform(action, party, connection);
  }

  #check(hook: Hook): void {
    if (this.#libraryCall) this.#breach(`${hook} ran on the stack of ${this.#libraryCall}`);
    if (this.#isInTransaction && hook !== "once") this.#breach(`${hook} ran in a transaction`);
    this.#hooks += 1;
    if (this.#hooks > 1_000) throw new Error("The hooks call each other for ever.");
  }

  #perform(action: Action, party: DurableRoom, self: DurableConnection | undefined): void {
    const bob = party.getConnection(self?.id === "bob" ? "ada" : "bob");
    const n = (this.#made += 1);
    const call = (run: () => void) => this.#library(action, run);
    switch (action) {
      case "emit":
        return call(() => party.emit("said", { n } satisfies Said));
      case "emit to self":
        return call(() => self?.emit("said", { n, to: self.id } satisfies Said));
      case "emit passing":
        return call(() => party.emit("passing", { n }));
      case "broadcast":
        return call(() => party.broadcast(JSON.stringify({ n })));
      case "send":
        return call(() => self?.send(JSON.stringify({ n })));
      case "close self":
        call(() => self?.close(CODE_OF.closed));
        return this.#expectGone(action, party, self);
      case "close bob":
        call(() => bob?.close(CODE_OF.closed));
        return this.#expectGone(action, party, bob);
      case "expire self":
      case "expire bob":
      case "find bob slow": {
        const found = action === "expire self" ? self : bob;
        call(() => makeLeave(action === "find bob slow" ? "slow" : "expired", found));
        // A connection that is not open yet is not found by anything.
        const isOpen = found?.readyState === WebSocket.OPEN;
        call(() => party.emit("said", { n } satisfies Said));
        // Bytes wait for no window: before a message a slow reader is found.
        if (isOpen) call(() => found?.send(new Uint8Array(1)));
        if (isOpen && !this.#isInTransaction) this.#expectGone(action, party, found);
        return;
      }
      case "setState":
        return call(() => self?.setState(undefined));
      case "setTags":
        return call(() => self?.setTags([`tag ${n}`]));
      case "getConnections":
        return call(() => void party.getConnections());
      case "write":
        party.keep(`${n}`);
        this.written.push(`${n}`);
        return;
      case "throw":
        return this.#throw();
      case "transaction":
        return call(() => party.transact(() => this.#inside(party, self)));
      default: {
        const { written } = this;
        this.written = [...written];
        try {
          call(() =>
            party.transact(() => {
              this.#inside(party, self);
              throw new Error("rolled back");
            }),
          );
        } catch {
          this.written = written;
        }
      }
    }
  }

  /** The party's own code within a call of the library's, and so not on its stack. */
  #inside(party: DurableRoom, self: DurableConnection | undefined): void {
    const outer = this.#libraryCall;
    this.#libraryCall = undefined;
    this.#transaction(() => {
      for (const action of ["emit", "write", "close bob", "emit", "send", "getConnections"]) {
        this.#perform(action, party, self);
      }
    });
    this.#libraryCall = outer;
  }

  #transaction(run: () => void): void {
    const outer = this.#isInTransaction;
    const { written } = this;
    this.#isInTransaction = true;
    this.written = [...written];
    try {
      run();
    } catch (error) {
      this.written = written;
      throw error;
    } finally {
      this.#isInTransaction = outer;
    }
  }

  #library(name: string, run: () => void): void {
    const outer = this.#libraryCall;
    this.#libraryCall = name;
    try {
      run();
    } finally {
      this.#libraryCall = outer;
    }
  }

  #expectGone(action: Action, party: DurableRoom, gone: DurableConnection | undefined): void {
    if (!gone) return;
    const isListed = party.getConnections().includes(gone) || party.getConnection(gone.id) === gone;
    if (isListed) this.#breach(`${gone.id} was listed after "${action}"`);
    if (gone.readyState < WebSocket.CLOSING) this.#breach(`${gone.id} was open after "${action}"`);
  }

  #throw(): never {
    const message = `thrown ${(this.#made += 1)}`;
    this.#thrown.add(message);
    throw new Error(message);
  }

  #breach(breach: string): void {
    this.breaches.push(breach);
  }
}

/** Errors of an `onError` that fails go to the log. */
export function quietLog(): { mockRestore(): void } {
  return vi.spyOn(console, "error").mockImplementation(() => {});
}
