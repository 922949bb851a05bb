import { PartyError } from "@partyflare/shared";
import {
  MAX_PRESENCE_BYTES,
  PRESENCE_WINDOW_MS,
  type WireFields,
  type WirePresenceUpdate,
} from "@partyflare/shared/internal";
import type { ClientHost } from "../../room/capability";
import { type AnyMember, isSame, patched } from "./member";

/** The data that this client has set about itself, and the frames that carry it. */
export class OwnData {
  /** The shortest time between two frames, in ms. */
  windowMs = PRESENCE_WINDOW_MS;
  /** Whether the app has ever set data. */
  isSet = false;
  readonly #host: ClientHost;
  readonly #fields: Record<string, unknown> = {};
  /** The number of the latest frame that carries a field which the app has set. */
  readonly #frames = new Map<string, number>();
  /** The fields that the room has had, or that are initial: other devices' values are newer. */
  readonly #again = new Set<string>();
  /** The number of the latest frame. Fields of a later frame are not sent yet. */
  #latest = 0;
  #sentAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The data that the room has accepted, as it listed this client's device last. */
  #accepted: WireFields = {};

  constructor(host: ClientHost) {
    this.#host = host;
  }

  /**
   * Merges fields into the data, and sends those that have changed.
   *
   * @param shown the data of the member. Another device may have changed it since.
   * @param isInitial whether it is no change: values of other devices are newer.
   * @throws TypeError for data that JSON cannot hold. Nothing changes then.
   */
  set(fields: object, shown: WireFields = this.#fields, isInitial?: "initial"): void {
    const text = JSON.stringify(fields);
    // The room would close the connection for good after a message that is far too large.
    if (text.length > MAX_PRESENCE_BYTES) return this.#host.error(new PartyError("too_large"));
    // A copy, because the app may change its object before the frame leaves.
    const copy = JSON.parse(text) as WireFields;
    this.isSet = true;
    for (const [name, value] of Object.entries(copy)) {
      if (isSame(this.#fields[name], value) && isSame(shown[name], value)) continue;
      this.#fields[name] = value;
      this.#frames.set(name, this.#latest + 1);
      if (isInitial) this.#again.add(name);
      else this.#again.delete(name);
    }
    this.send();
  }

  /** Starts a connection. Its first frame carries the whole data. */
  connect(): void {
    this.#sentAtMs = -Infinity;
    this.#resend();
  }

  /** Sends the fields that are not sent yet, if the room is there: now, or after the window. */
  readonly send = (): void => {
    clearTimeout(this.#timer);
    const n = this.#latest + 1;
    const unsent = Object.entries(this.#fields).filter(([name]) => this.#frames.get(name) === n);
    if (!this.#host.isReady || unsent.length === 0) return;
    const nowMs = performance.now();
    let waitMs = this.#sentAtMs + this.windowMs - nowMs;
    if (!(waitMs > 0)) {
      this.#sentAtMs = nowMs;
      const set = Object.fromEntries(unsent);
      const again = Object.keys(set).filter((name) => this.#again.has(name));
      const update: WirePresenceUpdate = { set, n, ...(again.length > 0 && { again }) };
      if (this.#host.send(update) !== "dropped") return void (this.#latest = n);
      waitMs = this.windowMs;
    }
    this.#timer = setTimeout(this.send, waitMs);
  };

  /** Sends the whole data again after a while: the room has not read a frame. */
  retry(afterMs = 0): void {
    this.#resend();
    // No window ends before.
    this.#sentAtMs = performance.now() + Math.max(afterMs - this.windowMs, 0);
    this.send();
  }

  /**
   * Reverts the fields of a refused frame, except those that were set again since.
   *
   * @param accepted the values that the room keeps. Fields without one are removed.
   */
  refuse(frame: number | undefined, accepted: WireFields): void {
    // If a reconnect's first frame is refused, the room has no values. It has accepted earlier ones,
    // which the client sends again. They count once, so that two refusals do not make a loop.
    const values: WireFields = { ...this.#accepted, ...accepted };
    this.#accepted = {};
    let isComplete = true;
    for (const [name, number] of this.#frames) {
      if (number !== frame) continue;
      this.#again.add(name);
      isComplete &&= Object.hasOwn(accepted, name);
      if (Object.hasOwn(values, name)) this.#fields[name] = values[name];
      else delete this.#fields[name];
    }
    if (!isComplete) this.#resend();
    this.send();
  }

  /**
   * Returns the client's own member with the data that was set here. The room's value of a field is
   * the newest one only if the room has the latest value that was set here.
   */
  over(member: AnyMember): AnyMember {
    const { id } = this.#host;
    const listed = member.devices.find((device) => device.id === id)?.presence;
    const before = this.#accepted;
    this.#accepted = listed ?? before;
    const own = Object.entries(this.#fields);
    if (own.length === 0) return member;
    const newest = own.filter(([name, value]) => {
      if (!isSame(listed?.[name], value)) return true;
      // The device may have had this value before. Then the member must have it too.
      const isNew = isSame(member.presence?.[name], value) || !isSame(before[name], value);
      if (isNew && this.#latest >= this.#frames.get(name)!) this.#again.add(name);
      return false;
    });
    return patched(member, id, this.#fields, Object.fromEntries(newest));
  }

  #resend(): void {
    for (const name of this.#frames.keys()) this.#frames.set(name, this.#latest + 1);
  }
}
