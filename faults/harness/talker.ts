import { setTimeout as sleep } from "node:timers/promises";
import { connect, PartyError, type Room, type RoomStatus } from "@partyflare/client";
import type { log } from "../worker/contract.ts";
import type { ClientRecord, ClientSpec, ClientStatus } from "./client-messages.ts";

/** How long a confirmation is waited for. */
const CONFIRM_WITHIN_MS = 2_000;

/** Gaps are told one by one, but not for ever. */
const MAX_GAPS = 20;

/** Every so many entries one is confirmed; the others are events. */
const CONFIRM_EVERY = 3;

/** How many messages of a flood are sent in one turn of the event loop. */
const FLOOD_AT_ONCE = 50;

/** One client that writes entries into the room's log, and keeps a record of all it knows. */
export class Talker {
  readonly record: ClientRecord;
  readonly #room: Room<typeof log>;
  /** The entry that should come next in this connection; undefined before the first. */
  #expectedSeq: number | undefined;
  #isTalking = false;
  #talk: Promise<void> = Promise.resolve();

  /** @param onStatus told of every change of the client's status. */
  constructor({ name, timing, ...options }: ClientSpec, onStatus: (status: ClientStatus) => void) {
    this.#room = connect<typeof log>({ id: name, ...options, ...timing });
    this.record = {
      name,
      id: this.#room.id,
      status: shortStatus(this.#room.status),
      opens: 0,
      plannedAtMs: [],
      sent: 0,
      confirmed: [],
      confirmedAfterMs: [],
      heard: 0,
      textLength: 0,
      gaps: [],
      errors: {},
    };
    this.#room.on("added", ({ seq }) => this.#hear(seq));
    this.#room.onText(({ length }) => (this.record.textLength += length));
    this.#room.onError(({ code }) => this.#count(code));
    this.#room.onStatus((status) => {
      this.#expectedSeq = undefined;
      if (status.state === "open") this.record.opens += 1;
      if (status.state === "waiting") this.record.plannedAtMs.push(status.retryAtMs);
      this.record.status = shortStatus(status);
      onStatus(this.record.status);
    });
  }

  /** Writes entries until it is told to hush, whatever becomes of the connection meanwhile. */
  talk(pauseMs: number): void {
    this.#isTalking = true;
    this.#talk = this.#keepTalking(pauseMs);
  }

  /** Sends entries without waiting for anything. */
  async flood(messages: number): Promise<void> {
    for (let sent = 0; sent < messages; sent += 1) {
      this.#room.emit("add", { number: (this.record.sent += 1) });
      if (sent % FLOOD_AT_ONCE === 0) await sleep(0);
    }
  }

  /** Resolves when the last entry has been confirmed, or given up. */
  async hush(): Promise<void> {
    this.#isTalking = false;
    await this.#talk;
  }

  close(): void {
    this.#room.close();
  }

  async #keepTalking(pauseMs: number): Promise<void> {
    while (this.#isTalking && this.#room.status.state !== "closed") {
      const number = (this.record.sent += 1);
      if (number % CONFIRM_EVERY === 0) await this.#confirm(number);
      else this.#room.emit("add", { number });
      await sleep(pauseMs);
    }
    // The last word is confirmed, so that all before it have been heard.
    if (this.#room.status.state !== "closed") await this.#confirm((this.record.sent += 1));
  }

  async #confirm(number: number): Promise<void> {
    const startedAtMs = performance.now();
    try {
      const { seq } = await this.#room.call(
        "addAndConfirm",
        { number },
        { timeoutMs: CONFIRM_WITHIN_MS },
      );
      this.record.confirmed.push({ number, seq });
      this.record.confirmedAfterMs.push(performance.now() - startedAtMs);
    } catch (error) {
      this.#count(error instanceof PartyError ? error.code : String(error));
    }
  }

  #hear(seq: number): void {
    this.record.heard += 1;
    const { gaps } = this.record;
    if (this.#expectedSeq !== undefined && seq !== this.#expectedSeq && gaps.length < MAX_GAPS) {
      gaps.push(`heard of entry ${seq} when ${this.#expectedSeq} was next`);
    }
    this.#expectedSeq = seq + 1;
  }

  #count(code: string): void {
    this.record.errors[code] = (this.record.errors[code] ?? 0) + 1;
  }
}

function shortStatus(status: RoomStatus): ClientStatus {
  const error = status.state === "closed" ? status.error : undefined;
  if (!error) return { state: status.state };
  return { state: status.state, error: { code: error.code, closeCode: error.data?.closeCode } };
}
