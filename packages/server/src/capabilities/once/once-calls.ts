import type { Contract, PartyError } from "@partyflare/shared";
import { mistake, toWireError, type WireOnce } from "@partyflare/shared/internal";
import type { Capability, Feature, Host, IncomingCall, Outcome } from "../capability";
import { type Known, ResultTable } from "./result-table";

/**
 * Returns the capability for calls that happen once; undefined for a contract without such calls.
 */
export function onceCalls({ calls = {} }: Contract): Feature<Contract, void> | undefined {
  const names = Object.keys(calls).filter((name) => calls[name]?.once);
  if (names.length === 0) return undefined;
  return (host) => ({ capability: new OnceCalls(host, names), api: undefined });
}

/**
 * Runs each call once, however often it arrives. The handler's writes and the record of the call
 * are one transaction. A repeat is answered from the record.
 */
class OnceCalls implements Capability {
  readonly name = "once";
  readonly #host: Host;
  readonly #names: readonly string[];
  readonly #results: ResultTable;

  constructor(host: Host, names: readonly string[]) {
    this.#host = host;
    this.#names = names;
    this.#results = new ResultTable(host.storage, () => host.now());
  }

  onStart(): void {
    this.#host.storage.checkSqlite();
  }

  onHello(): WireOnce {
    return this.#hello();
  }

  outcomeOf(call: IncomingCall): Outcome | undefined {
    // There can be no record of a call that was never sent before.
    if (!call.operation?.repeat || !isIdentified(call)) return undefined;
    const { client } = call.connection;
    this.#results.open();
    const known = this.#results.find({ client, operation: call.operation, digest: digest(call) });
    return known.state === "new" ? undefined : outcomeOf(known);
  }

  aroundCall(call: IncomingCall, run: () => unknown): unknown {
    if (!call.isOnce) return run();
    const { storage } = this.#host;
    // Still a transaction, though a repeat cannot be recognised.
    if (!isIdentified(call)) return storage.transaction(run);
    const { connection, operation } = call;
    const stored = { client: connection.client, operation, digest: digest(call) };
    return this.#results.transaction(() => {
      // Another connection may have run it while its input was checked.
      const known = this.#results.find(stored);
      if (known.state !== "new") return outcomeOf(known);
      const outcome = run();
      this.#results.write(stored, JSON.stringify(outcome));
      return outcome;
    });
  }

  onRollback(): void {
    this.#results.forget();
  }

  onWiped(): void {
    this.#results.forget();
    this.#host.send(this.#host.subscribers(), () => this.#hello());
  }

  #hello(): WireOnce {
    return { calls: this.#names, since: this.#results.since };
  }
}

/** Returns the answer of a call whose handler does not run. */
function outcomeOf(known: Exclude<Known, { state: "new" }>): Outcome {
  switch (known.state) {
    case "done":
      return JSON.parse(known.outcome) as Outcome;
    case "another":
      return failed(mistake("invalid", { message: "The operation's number is another call's." }));
    case "unknown":
      return failed(mistake("unknown_outcome"));
    default:
      return known satisfies never;
  }
}

/** A call whose repeats can be recognised: its client has a key, and numbers the call. */
interface Identified {
  readonly operation: NonNullable<IncomingCall["operation"]>;
}

function isIdentified(call: IncomingCall): call is IncomingCall & Identified {
  return call.isOnce && call.operation !== undefined && call.connection.keyHash !== null;
}

function digest({ name, input }: IncomingCall): string {
  return digestOf(JSON.stringify([name, input]));
}

function failed(error: PartyError): Outcome {
  return { kind: "fail", error: toWireError(error) };
}

/**
 * Returns a hash that tells two texts apart. It is FNV-1a over UTF-16 units, with 32 bits in base
 * 36, and the length. A client that uses a number for two calls makes a mistake; a collision gives
 * it no advantage.
 */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${(hash >>> 0).toString(36)}.${text.length}`;
}
