import { defineContract, isPartyError, PartyError, type } from "@partyflare/shared";
import type { WireMember, WirePresence, WirePresenceUpdate } from "@partyflare/shared/internal";
import {
  type CapabilityHolder,
  type ClientCapability,
  type ClientHost,
  holdCapabilities,
} from "../src/room/capability";
import type { Room } from "../src/room/room";

export interface Point {
  x: number;
  y: number;
}

/** A contract with presence. */
export const board = defineContract({
  presence: type<{ cursor: Point | null; typing: boolean }>(),
  member: type<{ name: string }>(),
});

/** A room that only has presence. A test sends what its server would send. */
export class PresenceHost {
  readonly room: Room<typeof board>;
  readonly sent: WirePresenceUpdate[] = [];
  readonly errors: PartyError[] = [];
  /** The names of the capabilities that the client has asked for. */
  readonly asked: string[] = [];
  /** Whether frames can be sent now. */
  isWritable = true;
  #isReady = false;
  #capability: ClientCapability | undefined;

  constructor() {
    this.room = {} as Room<typeof board>;
    const holder: CapabilityHolder = {
      use: (name, make) => {
        this.asked.push(name);
        this.#capability ??= make(this.#host);
        return this.#capability as ReturnType<typeof make>;
      },
    };
    holdCapabilities(this.room, holder);
  }

  /** The fields of each frame that was sent. */
  get sets(): object[] {
    return this.sent.map(({ set }) => set);
  }

  /** The number of the latest frame. */
  get latest(): number {
    return this.sent.at(-1)!.n;
  }

  hello(snapshot: WirePresence): void {
    this.#isReady = true;
    this.#run(() => this.#capability!.onHello?.(asSent(snapshot)));
    this.#run(() => this.#capability!.afterHello?.(asSent(snapshot)));
  }

  send(frame: unknown): void {
    this.#run(() => this.#capability!.onFrame?.(asSent(frame)));
  }

  /** The room has dropped a frame above its rate. */
  drop(retryAfterMs: number): void {
    this.#run(() =>
      this.#capability!.onRefused?.(new PartyError("rate_limited", { retryAfterMs })),
    );
  }

  lose(): void {
    this.#isReady = false;
    this.#run(() => this.#capability!.onLost?.());
  }

  close(): void {
    this.lose();
    this.#run(() => this.#capability!.onClosed?.());
  }

  get #host(): ClientHost {
    const isReady = () => this.#isReady;
    return {
      id: "mine",
      ping: () => {},
      get isReady() {
        return isReady();
      },
      send: (payload) => {
        if (!this.isWritable || !isReady()) return "dropped";
        this.sent.push(asSent(payload) as WirePresenceUpdate);
        return "sent";
      },
      call: () => Promise.reject(new Error("It calls nothing.")),
      error: (error: PartyError) => void this.errors.push(error),
    };
  }

  #run(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!isPartyError(error)) throw error;
      this.errors.push(error as PartyError);
    }
  }
}

/** What arrives of a value, which is a copy. */
function asSent(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** A member with one device, whose id is its key unless given. */
export function member(
  key: string,
  presence: WireMember["presence"] = null,
  device = key,
): WireMember {
  return { key, info: { name: key.toUpperCase() }, devices: [[device, presence]] };
}

/** A snapshot with this client's own member, `me`, and others. */
export function snapshot(...others: WireMember[]): WirePresence {
  const members = [member("me", null, "mine"), ...others];
  return { me: "me", members, size: members.length, partial: false };
}
