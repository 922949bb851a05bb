import type {
  WireFields,
  WireMember,
  WirePresence,
  WirePresenceChange,
  WirePresenceUpdate,
  WireSnapshot,
} from "@partyflare/shared/internal";

interface Device {
  readonly key: string;
  fields: WireFields | null;
  /** When each field was set last, by the room's counter. */
  stamps: Readonly<Record<string, number>>;
}

/** The key of the member that is tested, and the id of its connection. */
export const ME = "me";
export const MINE = "mine";

/**
 * A small room with presence, as the wire's rules describe it. Data is valid if it has the fields
 * `a` and `b`, and no field is null.
 */
export class PresenceRoom {
  readonly devices = new Map<string, Device>();
  /** Members without devices, with their data, until they are gone. */
  readonly leaving = new Map<string, WireFields | null>();
  /** Members that are not listed to the client. */
  readonly hidden = new Set<string>();
  readonly #sendToClient: (frame: WirePresence) => void;
  #counter = 0;
  /** The fields that have changed in this window, with the time of the change. */
  readonly #moved = new Map<string, { device: string; name: string; at: number }>();
  /** The members that have changed in more. */
  readonly #whole = new Set<string>();

  constructor(send: (frame: WirePresence) => void) {
    this.#sendToClient = send;
  }

  get keys(): string[] {
    const keys = Array.from(this.devices.values(), ({ key }) => key);
    return [...new Set([...keys, ...this.leaving.keys()])];
  }

  get listed(): WireMember[] {
    return this.keys
      .filter((key) => key === ME || !this.hidden.has(key))
      .map((key) => this.#member(key));
  }

  get snapshot(): WireSnapshot {
    const isIn = this.keys.includes(ME);
    const partial = this.hidden.size > 0;
    return { me: isIn ? ME : null, members: this.listed, size: this.keys.length, partial };
  }

  join(id: string, key: string): void {
    this.leaving.delete(key);
    this.devices.set(id, { key, fields: null, stamps: {} });
    this.#whole.add(key);
  }

  leave(id: string, { hasGrace }: { hasGrace: boolean }): void {
    const device = this.devices.get(id);
    if (!device) return;
    const { key } = device;
    const data = this.#newest(key);
    this.devices.delete(id);
    this.#whole.add(key);
    const isLast = !Array.from(this.devices.values()).some((other) => other.key === key);
    if (isLast && hasGrace) this.leaving.set(key, data);
  }

  endGrace(): void {
    for (const key of this.leaving.keys()) this.#whole.add(key);
    this.leaving.clear();
  }

  hide(key: string): void {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.#whole.add(key);
  }

  /** A device sets fields. Returns whether they are accepted. */
  set(id: string, set: WireFields): boolean {
    const device = this.devices.get(id);
    if (!device) return false;
    const fields = { ...device.fields, ...set };
    const isValid = "a" in fields && "b" in fields && !Object.values(fields).includes(null);
    if (!isValid) return false;
    const at = (this.#counter += 1);
    if (!device.fields) this.#whole.add(device.key);
    device.fields = fields;
    device.stamps = {
      ...device.stamps,
      ...Object.fromEntries(Object.keys(set).map((name) => [name, at])),
    };
    for (const name of Object.keys(set)) this.#moved.set(`${id} ${name}`, { device: id, name, at });
    return true;
  }

  receive({ set, n }: WirePresenceUpdate): void {
    if (this.set(MINE, set)) return;
    const accepted = this.devices.get(MINE)?.fields ?? {};
    const names = Object.keys(set).filter((name) => name in accepted);
    const fields = Object.fromEntries(names.map((name) => [name, accepted[name]]));
    this.#sendToClient({ refused: n, fields, error: { code: "invalid", message: "" } });
  }

  /**
   * Ends a window.
   *
   * @param repeats whether it also repeats what the client knows, which does no harm.
   */
  flush({ repeats }: { repeats: boolean }): void {
    const whole = repeats ? new Set([...this.#whole, ...this.keys].toReversed()) : this.#whole;
    const listed = new Map(this.listed.map((member) => [member.key, member]));
    const gone = [...whole].filter((key) => !listed.has(key));
    const set = [...whole].flatMap((key) => listed.get(key) ?? []);
    const moved = this.#moves().filter(([id]) => repeats || this.#isPatch(id));
    this.#whole.clear();
    this.#moved.clear();
    const { size, partial, me } = this.snapshot;
    const change: WirePresenceChange = {
      ...(set.length > 0 && { set }),
      ...(moved.length > 0 && {
        moved: repeats ? [...moved, ...moved, ["nobody", { a: 1 }]] : moved,
      }),
      ...(gone.length > 0 && { gone: repeats ? [...gone, "nobody"] : gone }),
    };
    if (Object.keys(change).length > 0) this.#sendToClient({ ...change, size, partial, me });
  }

  /** Forgets what the client was to be sent: it gets a snapshot instead. */
  sendSnapshot(): void {
    this.#sendToClient(this.snapshot);
  }

  #isPatch(id: string): boolean {
    const key = this.devices.get(id)?.key;
    return key !== undefined && !this.#whole.has(key) && !this.hidden.has(key);
  }

  /** The changed fields with their values now, in the order in which they changed. */
  #moves(): [device: string, fields: WireFields][] {
    const inOrder = Array.from(this.#moved.values()).toSorted((one, other) => one.at - other.at);
    return inOrder.flatMap(({ device, name }): [string, WireFields][] => {
      const fields = this.devices.get(device)?.fields;
      return fields ? [[device, { [name]: fields[name] }]] : [];
    });
  }

  #member(key: string): WireMember {
    const own = Array.from(this.devices).filter(([, device]) => device.key === key);
    const devices = own.map(([id, { fields }]) => [id, fields] as const);
    const data = own.length === 1 ? {} : { presence: this.#newest(key) };
    return { key, info: { name: key }, devices, ...data };
  }

  #newest(key: string): WireFields | null {
    const own = Array.from(this.devices.values()).filter((device) => device.key === key);
    if (own.length === 0) return this.leaving.get(key) ?? null;
    const newest = new Map<string, { value: unknown; at: number }>();
    for (const { fields, stamps } of own) {
      for (const [name, value] of Object.entries(fields ?? {})) {
        const at = stamps[name] ?? 0;
        if (at > (newest.get(name)?.at ?? -1)) newest.set(name, { value, at });
      }
    }
    if (own.every(({ fields }) => fields === null)) return null;
    return Object.fromEntries(Array.from(newest, ([name, { value }]) => [name, value]));
  }
}
