import type { PartyError } from "@partyflare/shared";
import {
  type Example,
  fromWireError,
  like,
  type WirePresenceChange,
  type WirePresenceRefusal,
  type WireSnapshot,
} from "@partyflare/shared/internal";
import { Emitter, type Stop } from "../../connection/emitter";
import type { ClientCapability, ClientHost } from "../../room/capability";
import { type AnyMember, isSame, kept, patched, readDevice, readMember } from "./member";
import { OwnData } from "./own-data";

/** A `PresenceState` of any contract. */
export interface AnyState {
  readonly me: AnyMember | undefined;
  readonly others: readonly AnyMember[];
  readonly members: readonly AnyMember[];
  readonly size: number;
  readonly isPartial: boolean;
}

/** The state before the first snapshot, and on a server. */
export const NOBODY: AnyState = {
  me: undefined,
  others: [],
  members: [],
  size: 0,
  isPartial: false,
};

/** A snapshot has `members`, a refusal has `error`, and a change has the other fields. */
type Frame = Partial<WireSnapshot & WirePresenceChange & WirePresenceRefusal>;

const FRAME: Example<Frame> = {
  "me?": "",
  "members?": [],
  "set?": [],
  "moved?": [],
  "gone?": [],
  "size?": 0,
  "partial?": true,
  "refused?": 0,
  "fields?": {},
  "error?": { code: "", message: "" },
};

/** The members of a room, as its client shows them. */
export class MemberList extends Emitter implements ClientCapability {
  readonly name = "presence";
  readonly own: OwnData;
  /** The fields of the state are properties of this object too: the app reads them there. */
  state = NOBODY;
  readonly #host: ClientHost;
  /** The members as the room has listed them; undefined before the first snapshot. */
  #listed: ReadonlyMap<string, AnyMember> | undefined;
  /** The key of the client's own member. */
  #me: string | null = null;
  /** The state that the listeners know. */
  #told = NOBODY;

  constructor(host: ClientHost) {
    super();
    this.#host = host;
    this.own = new OwnData(host);
    Object.assign(this, NOBODY);
  }

  readonly set = (fields: object): void => this.#set(fields);

  /** Sets the client's first data. */
  begin(fields: object): void {
    this.#set(fields, "initial");
  }

  readonly subscribe = (onChange: () => void): Stop => this.on("change", onChange);

  onHello(payload: unknown): void {
    this.#read(payload);
    this.own.connect();
  }

  afterHello(): void {
    // At once: the room cannot find a client dead that has never pinged.
    this.#host.ping();
    this.own.send();
    this.#tell();
  }

  /** Nothing can be sent, so no timer stays. */
  onLost(): void {
    this.own.send();
  }

  onFrame(payload: unknown): void {
    this.#read(payload);
    this.#tell();
  }

  /** The room has dropped a frame above its rate: what the others see is older than `me`. */
  onRefused({ code, retryAfterMs }: PartyError): void {
    if (code === "rate_limited") this.own.retry(retryAfterMs);
  }

  #set(fields: object, isInitial?: "initial"): void {
    this.own.set(fields, this.state.me?.presence, isInitial);
    this.#update();
    this.#tell();
  }

  /** Applies a frame. An invalid frame changes nothing. */
  #read(payload: unknown): void {
    const frame = like<Frame>(payload ?? "", FRAME);
    const { refused, fields = {}, error } = frame;
    if (!error) return this.#list(frame);
    this.own.refuse(refused, fields);
    this.#update();
    this.#tell();
    this.#host.error(fromWireError(error));
  }

  #list({ members: all, set = all, moved, gone, me, size, partial }: Frame): void {
    const before = this.#listed;
    // A change means nothing without the snapshot that it is for.
    if (!all && !before) return;
    const members = new Map(all ? [] : before);
    const owners = new Map<string, string>();
    for (const { key, devices } of members.values()) {
      for (const { id } of devices) owners.set(id, key);
    }
    for (const move of moved ?? []) {
      const { id, presence } = readDevice(move);
      const member = members.get(owners.get(id) ?? "");
      if (member) members.set(member.key, kept(member, patched(member, id, presence ?? {})));
    }
    for (const sent of set ?? []) {
      const member = readMember(sent);
      members.set(member.key, kept(before?.get(member.key), member));
    }
    for (const key of gone ?? []) members.delete(key);
    this.#listed = members;
    if (me !== undefined) this.#me = me;
    this.#update(size, partial);
  }

  /** Makes the state of the members that the room has listed, and of the client's own data. */
  #update(size = this.state.size, isPartial = this.state.isPartial): void {
    const { state } = this;
    if (!this.#listed) return;
    let me: AnyMember | undefined;
    const members = Array.from(this.#listed.values(), (member) =>
      member.key === this.#me ? (me = kept(state.me, this.own.over(member))) : member,
    );
    const others = members.filter((member) => member !== me);
    const next: AnyState = {
      me,
      others: kept(state.others, others),
      members: kept(state.members, members),
      size,
      isPartial,
    };
    if (state === NOBODY || !isSame(state, next)) Object.assign(this, (this.state = next));
  }

  /** Calls the listeners, if the state has changed since they were called last. */
  #tell(): void {
    const before = this.#told;
    const now = this.state;
    if (now === before) return;
    this.#told = now;
    // The first snapshot reports no joins.
    if (before !== NOBODY) this.#report(before, now);
    this.emit("change");
  }

  #report(before: AnyState, now: AnyState): void {
    const gone = new Map(before.others.map((member) => [member.key, member]));
    for (const member of now.others) {
      const known = gone.get(member.key);
      gone.delete(member.key);
      if (known !== member) this.emit(known ? "update" : "join", member);
    }
    for (const member of gone.values()) this.emit("leave", member);
  }
}
