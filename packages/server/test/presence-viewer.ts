import type {
  WireFields,
  WireMember,
  WirePresence,
  WirePresenceRefusal,
} from "@partyflare/shared/internal";
import { vi } from "vitest";
import type { PresenceTestRoom, TestMember } from "./presence-party";
import type { TestRoom } from "./rooms";
import type { TestSocket } from "./test-socket";

/** How a viewer joins. */
export interface ViewerOptions {
  readonly user: string;
  readonly id?: string;
  readonly name?: string;
  readonly role?: string;
  /** Whether it asks for presence in its upgrade. Default: true. */
  readonly asks?: boolean;
}

/** A client that applies the wire's rules, and nothing else: see docs/protocol.md. */
export class Viewer {
  readonly socket: TestSocket;
  readonly refusals: WirePresenceRefusal[] = [];
  readonly errors: unknown[] = [];
  /** What was told, in order: `+key`, `-key`, and `=` for a whole list. */
  readonly told: string[] = [];
  me: string | null | undefined;
  size = 0;
  partial = false;
  #members = new Map<string, WireMember>();
  #wasHidden = false;
  #read = 0;
  #n = 0;

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  static async join(
    room: TestRoom<PresenceTestRoom>,
    { user, id = user, name = user, role = "", asks = true }: ViewerOptions,
  ): Promise<Viewer> {
    const query = new URLSearchParams({ _pk: id, user, name, role });
    if (asks) query.set("partyflare.presence", "");
    const viewer = new Viewer(await room.connect(`?${query.toString()}`, ["partyflare.1"]));
    await viewer.until(() => viewer.me !== undefined || !asks || viewer.socket.isClosed);
    return viewer;
  }

  /** Sends fields, and returns the number of the frame. */
  async set(set: object): Promise<number> {
    this.#n += 1;
    await this.socket.sendFrame("$presence", { set, n: this.#n });
    return this.#n;
  }

  /** Sends fields without letting the room sleep in between. */
  setAll(sets: readonly object[]): void {
    this.socket.sendAll(
      sets.map((set) => JSON.stringify(["$presence", { set, n: (this.#n += 1) }])),
    );
  }

  /** Waits until what has come fits. */
  async until(condition: () => boolean): Promise<void> {
    await vi.waitFor(
      () => {
        this.#take();
        if (!condition()) throw new Error(`It has ${JSON.stringify(this.shown)}.`);
      },
      { timeout: 60_000, interval: 5 },
    );
  }

  /** Waits until it is shown these keys. */
  async untilKeys(...keys: string[]): Promise<void> {
    await this.until(() => this.keys.join() === keys.toSorted().join());
  }

  get order(): string[] {
    this.#take();
    return [...this.#members.keys()];
  }

  get keys(): string[] {
    this.#take();
    return [...this.#members.keys()].toSorted();
  }

  /** Whether it was ever shown a name of its own that begins with `_`. */
  get hidden(): boolean {
    this.#take();
    return this.#wasHidden;
  }

  get(key: string): TestMember | undefined {
    return this.shown.find((member) => member.key === key);
  }

  /** The members as the room's own `members` are, by key. */
  get shown(): TestMember[] {
    this.#take();
    return [...this.#members.values()].map(viewOf).toSorted(byKey) as unknown as TestMember[];
  }

  #take(): void {
    for (; this.#read < this.socket.received.length; this.#read += 1) {
      for (const text of String(this.socket.received[this.#read]).split("\n")) {
        const [name, payload] = JSON.parse(text) as [string, Record<string, unknown>];
        if (name === "$error") this.errors.push(payload);
        const part = name === "$hello" ? payload["presence"] : payload;
        if (part && (name === "$hello" || name === "$presence")) this.#apply(part);
      }
    }
  }

  #apply(part: WirePresence): void {
    if ("refused" in part) return void this.refusals.push(part);
    if ("members" in part) {
      this.told.push("=");
      this.#members = new Map(part.members.map((member) => [member.key, member]));
    } else {
      for (const member of part.set ?? []) {
        if (!this.#members.has(member.key)) this.told.push(`+${member.key}`);
        this.#members.set(member.key, member);
      }
      for (const [device, fields] of part.moved ?? []) this.#move(device, fields);
      for (const key of part.gone ?? []) {
        if (this.#members.delete(key)) this.told.push(`-${key}`);
      }
    }
    if (part.me !== undefined) this.me = part.me;
    const own = this.#members.get(this.me ?? "")?.info["name"];
    this.#wasHidden ||= typeof own === "string" && own.startsWith("_");
    if (part.size !== undefined) this.size = part.size;
    if (part.partial !== undefined) this.partial = part.partial;
  }

  #move(device: string, fields: WireFields): void {
    for (const member of this.#members.values()) {
      if (!member.devices.some(([id]) => id === device)) continue;
      const presence = { ...viewOf(member).presence, ...fields };
      const devices = member.devices.map(
        ([id, own]) => [id, id === device ? { ...own, ...fields } : own] as const,
      );
      this.#members.set(member.key, { ...member, devices, presence });
    }
  }
}

function viewOf({ key, info, devices, presence }: WireMember) {
  const [only] = devices;
  const merged = presence === undefined ? only?.[1] : presence;
  return {
    key,
    info,
    presence: merged ?? undefined,
    devices: devices.map(([id, own]) => ({ id, presence: own ?? undefined })),
  };
}

function byKey(one: { key: string }, other: { key: string }): number {
  return one.key < other.key ? -1 : 1;
}
