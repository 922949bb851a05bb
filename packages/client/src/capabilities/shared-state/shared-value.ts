import { PartyError } from "@partyflare/shared";
import { type Example, like, type WireShared } from "@partyflare/shared/internal";
import { Emitter, report, type Stop } from "../../connection/emitter";
import { capabilityOf, type ClientCapability, type ClientHost } from "../../room/capability";
import { type AnyShared, merged, patched } from "./patch";

/** Whether a client has the room's value: not yet, as of now, or as of an earlier time. */
export type SharedStatus = "loading" | "live" | "stale";

/** A change that is shown on top of the room's value. */
interface Layer {
  readonly update: (value: AnyShared) => AnyShared;
  /**
   * Once its call has ended: how many patches there are when the room's value has its change, if the
   * room has made it.
   */
  endsAt?: number;
}

/** What the listeners know. */
interface Told {
  readonly value?: AnyShared | undefined;
  readonly status: SharedStatus;
}

const FRAME: Example<WireShared> = {
  version: 0,
  run: "",
  "reset?": true,
  "gone?": [],
  "set?": [],
  "more?": true,
};

/** Returns the shared state of a room. There is one object for each room. */
export function sharedValueOf(room: object): SharedValue {
  return capabilityOf(room, "shared", (host) => new SharedValue(host));
}

/** The shared state of a room, as its client shows it. */
export class SharedValue extends Emitter implements ClientCapability {
  readonly name = "shared";
  readonly title = "sharedState";
  /** The version of the room's value; undefined before the first snapshot. */
  version: number | undefined;
  /** The value before the first snapshot, and during hydration. */
  initial: AnyShared | undefined;
  readonly #host: ClientHost;
  #run = "";
  /** The room's value, or the initial one. */
  #confirmed: AnyShared | undefined;
  /**
   * The frames of a change that is not complete yet. It is undefined without a connection, and after
   * a frame that could not be read: without it, later frames mean nothing.
   */
  #frames: WireShared[] | undefined;
  readonly #layers = new Set<Layer>();
  #shown: AnyShared | undefined;
  /** The number of patches, and how many of them `#shown` has. */
  #patches = 0;
  #shownPatches = 0;
  /** Whether `#shown` is the confirmed value with all layers. */
  #isCurrent = true;
  #told: Told = { status: "loading" };

  constructor(host: ClientHost) {
    super();
    this.#host = host;
  }

  get value(): AnyShared | undefined {
    if (!this.#isCurrent) this.#update();
    return this.#shown;
  }

  get status(): SharedStatus {
    if (this.version === undefined) return "loading";
    return this.#frames?.length === 0 ? "live" : "stale";
  }

  /** Sets the value before the first snapshot. The first one counts. */
  begin(initial: AnyShared): void {
    if (this.initial) return;
    this.initial = initial;
    if (this.version !== undefined) return;
    this.#confirmed = initial;
    this.#isCurrent = false;
    // Later: React calls it during a render, which may not update other components.
    queueMicrotask(this.#tell);
  }

  readonly subscribe = (listener: (value: AnyShared) => void): Stop =>
    this.on("change", (told: Told) => {
      // An earlier listener may have changed it, which has already called this listener.
      if (told === this.#told) listener(told.value as AnyShared);
    });

  readonly optimistic = <Answer extends PromiseLike<unknown>>(
    promise: Answer,
    update: Layer["update"],
  ): Answer => {
    const layer: Layer = { update };
    this.#host.whenSettled(promise, (isAnswered) => {
      // The room's change may be in frames that have yet to arrive, also after a reconnect.
      layer.endsAt = this.#patches + (isAnswered && this.#frames?.length ? 1 : 0);
      this.#changed();
    });
    this.#layers.add(layer);
    this.#changed();
    return promise;
  };

  asks(): string {
    return this.version === undefined ? "" : `${this.#run}.${this.version}`;
  }

  onHello(payload: unknown): void {
    this.#frames = [];
    this.#read(payload);
  }

  onFrame(payload: unknown): void {
    if (this.#frames) this.#read(payload);
  }

  onLost(): void {
    this.#frames = undefined;
    this.#changed();
  }

  /** Applies a frame, or keeps it until all frames of its change have arrived. */
  #read(payload: unknown): void {
    const frames = this.#frames as WireShared[];
    this.#frames = undefined;
    try {
      const frame = like<WireShared>(payload, FRAME);
      // What came before it means nothing.
      if (frame.reset) frames.length = 0;
      frames.push(frame);
      if (!frame.more) this.#apply(frames.splice(0), frame);
      this.#frames = frames;
    } finally {
      this.#changed();
    }
  }

  #apply(frames: readonly WireShared[], { version, run }: WireShared): void {
    // A change means nothing without the snapshot that it is for.
    if (this.version === undefined && !frames[0]?.reset) throw new PartyError("bad_frame");
    this.#confirmed = patched(this.#confirmed, frames);
    this.version = version;
    this.#run = run;
    this.#patches += 1;
  }

  #changed(): void {
    this.#isCurrent = false;
    this.#host.afterMessage(this.#tell);
  }

  /** Applies the layers. It runs code of the app, so it runs only when the value is read. */
  #update(): void {
    this.#isCurrent = true;
    let value = this.#confirmed;
    // A patch shares with the value before it. Several patches, or a layer, may lead back to it.
    const mayBeEqual = this.#layers.size > 0 || this.#patches > this.#shownPatches + 1;
    this.#shownPatches = this.#patches;
    for (const layer of this.#layers) {
      if ((layer.endsAt as number) <= this.#patches) this.#layers.delete(layer);
      else if (value) {
        try {
          const next: AnyShared | undefined = layer.update(value);
          if (!next) throw new TypeError("no value");
          value = next;
        } catch (error) {
          this.#layers.delete(layer);
          report(error);
        }
      }
    }
    this.#shown = mayBeEqual ? merged(this.#shown, value) : value;
    // The next comparison is short, because both share the same objects.
    if (this.#layers.size === 0) this.#confirmed = this.#shown;
  }

  readonly #tell = (): void => {
    const { value, status } = this;
    if (value === this.#told.value && status === this.#told.status) return;
    this.emit("change", (this.#told = { value, status }));
  };
}
