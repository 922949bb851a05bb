import type { PartyError } from "@partyflare/shared";
import {
  isThenable,
  mistake,
  partyErrorOf,
  toWireError,
  type WireFields,
  type WirePresenceRefusal,
  type WireSnapshot,
} from "@partyflare/shared/internal";
import type { Capability, Host, RoomConnection } from "../capability";
import { Changes } from "./changes";
import { type Checked, checkFields, checkUpdate, checkWho, tooLarge } from "./checks";
import { type KeptDevice, keptBy, type Member, type MemberView } from "./member";
import { MemberList } from "./member-list";
import { Viewers } from "./viewers";
import { Window } from "./window";

/** The options of presence, with defaults filled in. */
export interface PresenceSettings {
  readonly who?: ((connection: RoomConnection) => unknown) | undefined;
  readonly graceMs: number;
  readonly windowMs: number;
  readonly maxListed: number;
  readonly list?: ((members: readonly MemberView[]) => readonly MemberView[]) | undefined;
  readonly visible?: ((member: MemberView, viewer: RoomConnection) => unknown) | undefined;
  readonly onJoin?: ((member: MemberView) => unknown) | undefined;
  readonly onLeave?: ((member: MemberView) => unknown) | undefined;
}

/**
 * The capability of `presence()`. Its list is a cache of the open connections' attachments, and of
 * the members in their grace period. Changes are collected, and sent once a window.
 */
export class PresenceRoom implements Capability {
  readonly name = "presence";
  readonly #host: Host;
  readonly #settings: PresenceSettings;
  readonly #list = new MemberList();
  readonly #viewers: Viewers;
  readonly #window: Window;
  #changes = new Changes();
  /** Connections whose state or tags have changed. */
  #changed = new Set<RoomConnection>();
  #isLoaded = false;
  /** When the next grace period ends. A timer is running for it. */
  #graceEndsAtMs = Infinity;

  constructor(host: Host, settings: PresenceSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#viewers = new Viewers(host, settings, this.#list);
    this.#window = new Window(host, settings.windowMs, () => this.#flush());
  }

  get members(): readonly MemberView[] {
    this.#load();
    return Array.from(this.#list.all(), ({ view }) => view);
  }

  get size(): number {
    this.#load();
    return this.#list.size;
  }

  get(key: string): MemberView | undefined {
    this.#load();
    return this.#list.get(key)?.view;
  }

  /** A sleeping room may have missed that connections died: they leave before anything is sent. */
  onStart(): void {
    this.#host.afterTurn(() => this.#load());
  }

  authorize(connection: RoomConnection): void {
    const named = this.#who(connection);
    const at = this.#list.tick();
    const device = named && { ...named, fields: null, stamps: {}, joined: at, named: at };
    connection.data.keep(this.name, device);
  }

  onHello(connection: RoomConnection): WireSnapshot {
    this.#load();
    return this.#viewers.snapshot(connection);
  }

  onConnect(connection: RoomConnection): void {
    this.#load();
    const kept = keptBy(connection);
    if (kept) this.#put(connection, kept);
  }

  onChange(connection: RoomConnection): void {
    if (this.#changed.size === 0) this.#host.afterTurn(() => this.#review());
    this.#changed.add(connection);
  }

  onDisconnect(connection: RoomConnection): void {
    this.#load();
    this.#viewers.forget(connection);
    // It may have left before this life of the room has listed it. Clients know it.
    const kept = keptBy(connection);
    if (kept && !this.#list.deviceOf(connection)) this.#list.put(connection, kept);
    if (kept) this.#remove(connection, kept.key);
  }

  onFrame(connection: RoomConnection, payload: unknown): void | Promise<void> {
    this.#load();
    const { set, n } = checkUpdate(payload);
    const device = this.#list.deviceOf(connection);
    if (!device) {
      const message = "This connection is no member: who() has returned null.";
      return this.#refuse(connection, { n, set, error: mistake("forbidden", { message }) });
    }
    const whole = { ...device.fields, ...set };
    const checked = checkFields(this.#host.contract.presence, whole);
    const settle = (result: Checked) => this.#settle(connection, { n, set, result });
    return isThenable(checked) ? checked.then(settle) : settle(checked);
  }

  /** Accepts or refuses the data of a client. */
  #settle(
    connection: RoomConnection,
    { n, set, result }: { n: number; set: WireFields; result: Checked },
  ): void {
    const device = this.#list.deviceOf(connection);
    if (!device || !connection.isOpen) return;
    if ("refused" in result) {
      const error = partyErrorOf(result.refused);
      // Any other error is one of the schema's own: the room reports it.
      if (!error) throw result.refused;
      return this.#refuse(connection, { n, set, error });
    }
    const { value } = result;
    const before = device.fields ?? {};
    const names = Object.keys(value).filter(
      (name) => name in set || JSON.stringify(value[name]) !== JSON.stringify(before[name]),
    );
    const at = this.#list.tick();
    const stamps = Object.fromEntries(
      Object.keys(value).map((name) => [name, names.includes(name) ? at : device.stamps[name]]),
    ) as Record<string, number>;
    const { connection: _connection, ...kept } = device;
    const next = { ...kept, fields: value, stamps };
    try {
      connection.data.keep(this.name, next);
    } catch (cause) {
      return this.#refuse(connection, { n, set, error: tooLarge(cause) });
    }
    this.#list.put(connection, next);
    const isPatch = device.fields !== null && Object.keys(before).every((name) => name in value);
    if (isPatch) this.#changes.addMoved(device.key, connection.id, names);
    else this.#changes.add(device.key);
    this.#window.touch();
  }

  #refuse(
    connection: RoomConnection,
    { n, set, error }: { n: number; set: WireFields; error: PartyError },
  ): void {
    if (!connection.data.isSubscribed(this.name)) throw error;
    const accepted = this.#list.deviceOf(connection)?.fields ?? {};
    const fields = Object.fromEntries(
      Object.keys(set).flatMap((name) => (name in accepted ? [[name, accepted[name]]] : [])),
    );
    const refusal: WirePresenceRefusal = { refused: n, fields, error: toWireError(error) };
    this.#host.send([connection], () => refusal);
  }

  #put(connection: RoomConnection, kept: KeptDevice): void {
    const earlier = this.#list.deviceOf(connection)?.key;
    const isNew = this.#list.put(connection, kept);
    this.#changes.add(kept.key);
    if (earlier !== undefined && earlier !== kept.key) this.#leave(connection, earlier);
    if (isNew) this.#tell(this.#settings.onJoin, kept.key);
    this.#window.touch();
  }

  #remove(connection: RoomConnection, key: string): void {
    this.#list.removeDevice(connection);
    this.#leave(connection, key);
    this.#window.touch();
  }

  /** Handles that a member has lost a device. */
  #leave(connection: RoomConnection, key: string): void {
    const member = this.#list.get(key);
    if (!member) return;
    this.#changes.add(key);
    if (member.size > 0) return;
    // A connection that timed out has been silent for longer than any grace period.
    const graceMs = connection.hasTimedOut ? 0 : this.#settings.graceMs;
    member.leavesAtMs = this.#host.now() + graceMs;
    if (graceMs === 0) this.#end(member);
    else this.#watch();
  }

  #end(member: Member): void {
    this.#list.removeMember(member.key);
    this.#changes.add(member.key);
    const { onLeave } = this.#settings;
    const { view } = member;
    if (onLeave) this.#host.afterTurn(() => this.#host.runHook(() => onLeave(view)));
  }

  /** Runs a timer for the grace period that ends first. */
  #watch(): void {
    const leaving = Array.from(this.#list.all()).flatMap(({ leavesAtMs }) => leavesAtMs ?? []);
    const endsAtMs = Math.min(...leaving);
    if (endsAtMs < this.#graceEndsAtMs) {
      this.#graceEndsAtMs = endsAtMs;
      this.#host.later(() => this.#endGrace(), Math.max(0, endsAtMs - this.#host.now()));
    }
  }

  #endGrace(): void {
    this.#graceEndsAtMs = Infinity;
    const nowMs = this.#host.now();
    for (const member of [...this.#list.all()]) {
      const { leavesAtMs = Infinity } = member;
      // The clock may have been set back.
      const isOver = leavesAtMs <= nowMs || leavesAtMs > nowMs + this.#settings.graceMs;
      if (isOver && leavesAtMs !== Infinity) this.#end(member);
    }
    this.#watch();
    if (!this.#changes.areNone) this.#window.touch();
  }

  /** Asks `who` again for connections whose state or tags have changed. */
  #review(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const connection of changed) {
      if (!connection.isOpen) continue;
      this.#load();
      this.#host.runHook(() => this.#rename(connection), connection);
      this.#viewers.review(connection);
    }
    this.#window.touch();
  }

  #rename(connection: RoomConnection): void {
    const named = this.#who(connection);
    // `who` may have closed it.
    if (!connection.isOpen) return;
    const device = keptBy(connection);
    if (JSON.stringify(named) === JSON.stringify(device && nameOf(device))) return;
    const at = this.#list.tick();
    const unnamed = { fields: null, stamps: {}, joined: at };
    const next = named && { ...unnamed, ...device, ...named, named: at };
    connection.data.keep(this.name, next);
    if (named?.key !== device?.key) this.#viewers.refresh(connection);
    if (next) this.#put(connection, next);
    else if (device) this.#remove(connection, device.key);
  }

  #who(connection: RoomConnection) {
    const { who } = this.#settings;
    const result = who ? who(connection) : {};
    return checkWho(result, connection.client, this.#host.contract.member);
  }

  /** Restores the list from the open connections, after a wake-up. */
  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    const connections = [...this.#host.connections()];
    for (const connection of connections) {
      const kept = keptBy(connection);
      if (kept) this.#list.put(connection, kept);
      // The party used no presence when it connected.
      else if (kept === undefined) this.onChange(connection);
    }
    this.#list.sort();
    if (connections.length > 0) this.#viewers.restore();
  }

  #flush(): void {
    const changes = this.#changes;
    this.#changes = new Changes();
    const areCurrent = this.#viewers.send(changes);
    // Slow readers get the whole list once they have caught up.
    if (!areCurrent) this.#window.touch();
  }

  #tell(hook: ((member: MemberView) => unknown) | undefined, key: string): void {
    if (!hook) return;
    this.#host.afterTurn(() => {
      const member = this.#list.get(key);
      if (member) this.#host.runHook(() => hook(member.view));
    });
  }
}

function nameOf({ key, info }: KeptDevice) {
  return { key, info };
}
