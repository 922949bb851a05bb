import type { WireSnapshot } from "@partyflare/shared/internal";
import { type Capability, type Host, type RoomConnection, Window } from "../capability";
import { Changes } from "./changes";
import { checkWho, type Named } from "./checks";
import { Grace } from "./grace";
import { Hooks } from "./hooks";
import { Listing } from "./listing";
import { isDevice, keptBy, keptDevice, type KeptDevice, type Member, NEW, NOT_YET } from "./member";
import type { MemberView } from "./member";
import { MemberList } from "./member-list";
import { type Update, Updates } from "./updates";
import { Viewers, type Visible } from "./viewers";

/** The options of presence, with defaults filled in. */
export interface PresenceSettings {
  readonly who?: ((connection: RoomConnection) => unknown) | undefined;
  readonly graceMs: number;
  readonly windowMs: number;
  readonly maxListed: number;
  readonly list?: ((members: readonly MemberView[]) => unknown) | undefined;
  readonly visible?: Visible | undefined;
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
  readonly #hooks: Hooks;
  readonly #list: MemberList;
  readonly #listing: Listing;
  readonly #viewers: Viewers;
  readonly #updates: Updates;
  readonly #grace: Grace;
  readonly #window: Window;
  #changes = new Changes();
  /** Connections whose state or tags have changed. */
  #changed = new Set<RoomConnection>();
  #isLoaded = false;

  constructor(host: Host, settings: PresenceSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#hooks = new Hooks(host);
    this.#list = new MemberList(settings.maxListed);
    this.#listing = new Listing(host, this.#hooks, this.#list, settings);
    this.#viewers = new Viewers(host, this.#hooks, this.#list, settings.visible);
    this.#updates = new Updates(host, this.#list, (update) => this.#move(update));
    this.#grace = new Grace(host, settings.graceMs, this.#list, (member) => this.#end(member));
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
    connection.data.keep(this.name, { ...NEW, ...this.#who(connection) });
  }

  onHello(connection: RoomConnection): WireSnapshot {
    this.#load();
    return this.#viewers.snapshot(connection);
  }

  onConnect(connection: RoomConnection): void {
    this.#load();
    this.#hooks.reset();
    const kept = keptDevice(connection);
    // Its `$hello` may have ended it.
    if (!kept || !connection.isOpen) return;
    const device = this.#list.joining(kept, kept.key);
    connection.data.keep(this.name, device);
    this.#put(connection, device);
  }

  onChange(connection: RoomConnection): void {
    if (!this.#hooks.mayFollow(connection)) return;
    if (this.#changed.size === 0) this.#host.afterTurn(() => this.#review());
    this.#changed.add(connection);
  }

  onDisconnect(connection: RoomConnection): void {
    this.#load(connection);
    this.#viewers.forget(connection);
    this.#remove(connection);
  }

  onFrame(connection: RoomConnection, payload: unknown): void | Promise<void> {
    this.#load(connection);
    this.#hooks.reset();
    return this.#updates.take(connection, payload);
  }

  #move({ device: { key, connection }, names, isPatch }: Update): void {
    if (isPatch) this.#changes.addMoved(key, connection.id, names);
    else this.#changes.add(key);
    this.#window.touch();
  }

  #put(connection: RoomConnection, kept: KeptDevice): void {
    const earlier = this.#list.deviceOf(connection)?.key;
    const joined = this.#list.put(connection, kept);
    this.#changes.add(kept.key);
    if (earlier !== undefined && earlier !== kept.key) this.#leave(connection, earlier);
    if (joined) this.#tell(this.#settings.onJoin, joined);
    this.#window.touch();
  }

  #remove(connection: RoomConnection): void {
    const device = this.#list.deviceOf(connection);
    if (!device) return;
    this.#list.removeDevice(connection);
    this.#leave(connection, device.key);
  }

  /** A connection has left a member. */
  #leave(connection: RoomConnection, key: string): void {
    const member = this.#list.get(key);
    this.#changes.add(key);
    this.#window.touch();
    if (member?.size === 0) this.#grace.start(member, connection);
  }

  #end(member: Member): void {
    this.#list.removeMember(member.key);
    this.#changes.add(member.key);
    if (!member.isUnlisted) this.#changes.left.add(member.key);
    this.#tell(this.#settings.onLeave, member);
    this.#window.touch();
  }

  /** Asks `who` again for connections whose state or tags have changed. */
  #review(): void {
    this.#hooks.begin();
    const changed = this.#changed;
    this.#changed = new Set();
    for (const connection of changed) {
      if (!connection.isOpen) continue;
      this.#load(connection);
      this.#host.runHook(() => this.#rename(connection), connection);
      if (this.#viewers.review(connection)) this.#window.touch();
    }
  }

  #rename(connection: RoomConnection): void {
    const named = this.#who(connection);
    // `who` may have closed it.
    if (!connection.isOpen) return;
    const kept = keptBy(connection);
    if (kept && JSON.stringify(named) === JSON.stringify(nameOf(kept))) return;
    const isSameKey = named !== null && named.key === kept?.key;
    const earlier = { ...NEW, ...kept, ...named };
    const next = isSameKey
      ? { ...earlier, named: this.#list.tick() }
      : named
        ? this.#list.joining(earlier, named.key)
        : { ...earlier, key: null, info: {} };
    connection.data.keep(this.name, next);
    if (!isSameKey) this.#viewers.refresh(connection);
    if (isDevice(next)) this.#put(connection, next);
    else this.#remove(connection);
  }

  #who(connection: RoomConnection): Named | null {
    const { who } = this.#settings;
    const result = who ? this.#hooks.call("who", () => who(connection)) : {};
    return checkWho(result, connection.client, this.#host.contract.member);
  }

  /**
   * Restores the list from the open connections, after a wake-up.
   *
   * @param connection also restored, if clients know it. If it was dead or closing at the wake-up,
   *   the room did not list it any more.
   */
  #load(connection?: RoomConnection): void {
    if (!this.#isLoaded) {
      this.#isLoaded = true;
      const connections = [...this.#host.connections()];
      this.#list.restore(connections);
      // The party used no presence when these connected.
      for (const each of connections) if (!keptBy(each)) this.onChange(each);
      this.#viewers.restore();
    }
    if (!connection || this.#list.deviceOf(connection)) return;
    const wasListed = (keptBy(connection)?.joined ?? NOT_YET) !== NOT_YET;
    if (wasListed) this.#list.restore([connection]);
  }

  #flush(): void {
    this.#hooks.begin();
    const changes = this.#changes;
    this.#changes = new Changes();
    const unlisted = this.#listing.unlisted();
    for (const key of changes.left) unlisted.delete(key);
    if (changes.whole.size > 0) this.#listing.update(changes);
    // Slow readers get the whole list once they have caught up.
    if (!this.#viewers.send(changes, unlisted)) this.#window.retry();
  }

  #tell(hook: ((member: MemberView) => unknown) | undefined, member: Member): void {
    if (hook) this.#hooks.tell(() => hook(member.view));
  }
}

function nameOf({ key, info }: { key: string | null; info: object }) {
  return key === null ? null : { key, info };
}
