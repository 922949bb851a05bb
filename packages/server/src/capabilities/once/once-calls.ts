import type { PartyError } from "@partyflare/shared";
import { mistake, toWireError } from "@partyflare/shared/internal";
import type { Capability, Host, IncomingCall, Outcome } from "../capability";
import { type Known, ResultTable } from "./result-table";

/** The capability of a contract with calls that happen once; undefined for any other. */
export function onceCalls(host: Host): Capability | undefined {
  const names = Object.entries(host.contract.calls ?? {}).flatMap(([name, { once }]) =>
    once ? [name] : [],
  );
  return names.length > 0 ? new OnceCalls(host, names) : undefined;
}

/**
 * Carries calls out once, however often they arrive: what a handler writes and the record that it
 * was called are one transaction, and a repeat is answered from the record.
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

  onHello(): unknown {
    return this.#hello();
  }

  outcomeOf(call: IncomingCall): Outcome | undefined {
    // Of a call that was never sent before, nothing can be known.
    if (!call.operation?.repeat || !isIdentified(call)) return undefined;
    const { client } = call.connection;
    this.#results.open();
    const known = this.#results.find({ client, operation: call.operation, digest: digest(call) });
    return known.state === "new" ? undefined : outcomeOf(known);
  }

  aroundCall(call: IncomingCall, run: () => unknown): unknown {
    if (!call.isOnce) return run();
    const { storage } = this.#host;
    // All or nothing, though a repeat of it is not known.
    if (!isIdentified(call)) return storage.transaction(run);
    const { connection, operation } = call;
    const stored = { client: connection.client, operation, digest: digest(call) };
    return this.#results.transaction(() => {
      // It may have been carried out on another connection while its input was checked.
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
    this.#host.tell(this.#host.connections(), this.name, () => this.#hello());
  }

  #hello() {
    return { calls: this.#names, since: this.#results.since };
  }
}

/** What a call is answered with that is not carried out. */
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

/** A call by which a repeat is known: its client has a key, and numbers it. */
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
 * Tells two texts apart: FNV-1a over UTF-16 units with 32 bits in base 36, and the length. A client
 * that sends another call under a used number makes a mistake; it gains nothing by a collision.
 */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return `${(hash >>> 0).toString(36)}.${text.length}`;
}
