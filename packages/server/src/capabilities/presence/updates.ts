import type { PartyError } from "@partyflare/shared";
import {
  isThenable,
  mistake,
  partyErrorOf,
  toWireError,
  type WireFields,
  type WirePresenceRefusal,
  type WirePresenceUpdate,
} from "@partyflare/shared/internal";
import type { Host, RoomConnection } from "../capability";
import { type Checked, checkFields, checkUpdate, tooLarge } from "./checks";
import { type Device, keptBy } from "./member";
import type { MemberList } from "./member-list";

/** New data of a device. */
export interface Update {
  readonly device: Device;
  /** The fields that are new or were set again. */
  readonly names: readonly string[];
  /** Whether it replaces fields of earlier data, and removes none. */
  readonly isPatch: boolean;
}

/** Accepts or refuses the data that clients send. */
export class Updates {
  readonly #host: Host;
  readonly #list: MemberList;
  readonly #onUpdate: (update: Update) => void;

  constructor(host: Host, list: MemberList, onUpdate: (update: Update) => void) {
    this.#host = host;
    this.#list = list;
    this.#onUpdate = onUpdate;
  }

  /** Takes a client's `$presence`. It is async if the schema is. */
  take(connection: RoomConnection, payload: unknown): void | Promise<void> {
    const update = checkUpdate(payload);
    const device = this.#list.deviceOf(connection);
    if (!device) {
      const message = "This connection is no member: who() has returned null.";
      return this.#refuse(connection, update, mistake("forbidden", { message }));
    }
    const whole = { ...device.fields, ...update.set };
    const checked = checkFields(this.#host.contract.presence, whole);
    if (!isThenable(checked)) return this.#settle(connection, update, checked);
    return checked.then((result) => this.#settle(connection, update, result));
  }

  #settle(connection: RoomConnection, update: WirePresenceUpdate, result: Checked): void {
    // An async schema: the connection may have left, and `who` may have returned another key.
    const device = this.#list.deviceOf(connection);
    if (!device || !connection.isOpen) return;
    if ("refused" in result) {
      const error = partyErrorOf(result.refused);
      // Any other error is one of the schema's own: the room reports it.
      if (!error) throw result.refused;
      return this.#refuse(connection, update, error);
    }
    const { value } = result;
    const { connection: _connection, ...kept } = device;
    const before = kept.fields ?? {};
    const names = Object.keys(value).filter(
      (name) => Object.hasOwn(update.set, name) || !isSame(before, value, name),
    );
    const again = new Set(update.again);
    const changed = new Set(names.filter((name) => !again.has(name)));
    const stamps = this.#stamps(value, kept.stamps, changed);
    const next = { ...kept, fields: value, stamps };
    try {
      connection.data.keep("presence", next);
    } catch (cause) {
      return this.#refuse(connection, update, tooLarge(cause));
    }
    this.#list.put(connection, next);
    const isPatch =
      kept.fields !== null &&
      changed.size === names.length &&
      Object.keys(before).every((name) => Object.hasOwn(value, name));
    this.#onUpdate({ device, names, isPatch });
  }

  /** Fields that are no change keep their time, or are older than those of all other devices. */
  #stamps(
    fields: WireFields,
    earlier: Readonly<Record<string, number>>,
    changed: ReadonlySet<string>,
  ): Record<string, number> {
    const at = this.#list.tick();
    return Object.fromEntries(
      Object.keys(fields).map((name) => [name, changed.has(name) ? at : (earlier[name] ?? 0)]),
    );
  }

  #refuse(connection: RoomConnection, { n, set }: WirePresenceUpdate, error: PartyError): void {
    const accepted = keptBy(connection)?.fields ?? {};
    const fields = Object.fromEntries(
      Object.entries(accepted).filter(([name]) => Object.hasOwn(set, name)),
    );
    const refusal: WirePresenceRefusal = { refused: n, fields, error: toWireError(error) };
    this.#host.send([connection], () => refusal);
  }
}

function isSame(before: WireFields, after: WireFields, name: string): boolean {
  return (
    Object.hasOwn(before, name) && JSON.stringify(before[name]) === JSON.stringify(after[name])
  );
}
