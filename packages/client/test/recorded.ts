import type { ClientCapability, ClientHost } from "../src/room/capability";
import { capabilityOf } from "../src/room/capability";

/** A method of a capability that the room calls, beside `asks`. */
export type Hook = Exclude<keyof ClientCapability, "asks" | "name" | "title">;

/** A capability that notes what it is told. */
export interface Recorded extends ClientCapability {
  readonly host: ClientHost;
  /** Every call of a method, with what it was given. */
  readonly told: [hook: Hook, ...payload: unknown[]][];
}

/** What a recorded capability does. */
export interface Behaviour {
  /** What it asks for. Default: it has no such method. */
  asks?: () => string;
  /** Called with every call of a method. */
  on?: (hook: Hook, payload: unknown) => void;
  /** Whether it takes note that the room lacks it, which no warning tells then. */
  notesMissing?: true;
}

/** Uses a capability of a room, which notes what it is told. */
export function recorded(
  room: object,
  name: string,
  { asks, on, notesMissing }: Behaviour = {},
): Recorded {
  return capabilityOf(room, name, (host) => {
    const told: Recorded["told"] = [];
    const note = (hook: Hook) => (payload?: unknown) => {
      told.push(payload === undefined ? [hook] : [hook, payload]);
      on?.(hook, payload);
    };
    return {
      name,
      host,
      told,
      onHello: note("onHello"),
      afterHello: note("afterHello"),
      onFrame: note("onFrame"),
      onLost: note("onLost"),
      onClosed: note("onClosed"),
      ...(asks && { asks }),
      ...(notesMissing && { onMissing: note("onMissing") }),
    };
  });
}
