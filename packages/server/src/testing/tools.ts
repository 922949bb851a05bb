import type * as Client from "@partyflare/client";
import type * as Vitest from "vitest";
import type { RoomObject } from "./room-kinds";

/** A stub of any room. */
type AnyStub = Pick<DurableObjectStub, "fetch" | "id">;

/** What the kit uses of Vitest and of its Workers pool. */
export interface Tools {
  readonly pool: {
    evictDurableObject(stub: AnyStub, options?: { webSockets: "close" }): Promise<void>;
    runDurableObjectAlarm(stub: AnyStub): Promise<boolean>;
    runInDurableObject<Result>(
      stub: AnyStub,
      run: (object: RoomObject, ctx: DurableObjectState) => Result,
    ): Promise<Awaited<Result>>;
  };
  readonly vitest: Pick<typeof Vitest, "onTestFinished" | "TestRunner" | "vi">;
}

/**
 * Loads the tools. They are not imported at the top: outside of the pool the import fails, with a
 * message of the module loader that names no remedy.
 *
 * @throws Error if this is not Vitest's Workers pool.
 */
export async function loadTools(): Promise<Tools> {
  try {
    const [pool, vitest] = await Promise.all([import("cloudflare:test"), import("vitest")]);
    return { pool: pool as unknown as Tools["pool"], vitest };
  } catch (cause) {
    throw new Error(
      "partyflare/testing runs in Vitest's Workers pool: add cloudflareTest() to the plugins of vitest.config.ts.",
      { cause },
    );
  }
}

/** Whether Vitest has replaced the timers, or `Date` alone by `vi.setSystemTime`. */
export function isFaked({ vitest: { vi } }: Tools): boolean {
  return vi.isFakeTimers() || vi.getMockedSystemTime() !== null;
}

/** The functions of the client that the kit calls. */
export type ClientFunctions = Pick<
  typeof Client,
  "connect" | "history" | "presence" | "sharedState"
>;

/** Loads the client, which a party that has only raw connections does not need. */
export async function loadClient(): Promise<ClientFunctions> {
  try {
    return await import("@partyflare/client");
  } catch (cause) {
    throw new Error(
      "room.join() needs the client: run `npm install --save-dev @partyflare/client`, or use room.joinRaw().",
      { cause },
    );
  }
}
