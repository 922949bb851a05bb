import { isNamespace } from "../routing/namespaces";
import { roomStub } from "../routing/with-room";
import { followClock } from "./clock";
import { Patience, realNow } from "./patience";
import { aboutOf, type Props, start, stubOf } from "./room-kinds";
import { shown } from "./shown";
import { type AnyRoom, TestRoom } from "./test-room";
import { isFaked, loadTools } from "./tools";

/** Options of `openRoom`. */
export interface OpenRoomOptions {
  /**
   * What `onStart` gets, of a `Server` of `partyflare/compat/partyserver`. Default: nothing. Its
   * router sends them with each request: see `routePartykitRequest`.
   */
  props?: Props | undefined;
}

/**
 * Opens a room for a test in Vitest's Workers pool, and starts it. At the end of the test, the room
 * and its clients are closed. Outside of a test, as in `beforeAll`, call `room.close()` in `afterAll`.
 * In `it.concurrent`, call it in the test context's `onTestFinished`.
 *
 * @param namespace the binding of the party, such as `env.CHAT`, or of a class of
 *   `partyflare/compat/partyserver` or `partyflare/compat/partykit`.
 * @param name the room's name. Default: a random one. That of a compat class stays as it is.
 * @throws TypeError if the namespace is not one of a party, PartyError `invalid` for an illegal name,
 *   and what `onStart` throws. Error outside of Vitest's Workers pool, and with Vitest's fake timers or
 *   time.
 *
 * @example
 * const room = await openRoom(env.CHAT);
 * const ada = await room.join<typeof chat>({ token: "ada" });
 * ada.emit("say", { text: "hello" });
 * expect(await ada.next("said")).toEqual({ by: ada.id, text: "hello" });
 */
export async function openRoom<Room extends AnyRoom>(
  namespace: DurableObjectNamespace<Room>,
  name: string = crypto.randomUUID(),
  { props }: OpenRoomOptions = {},
): Promise<TestRoom<Room>> {
  const beganAtMs = realNow();
  const tools = await loadTools();
  if (!isNamespace(namespace)) {
    const given: unknown = namespace;
    const what = typeof given === "object" ? Object.prototype.toString.call(given) : shown(given);
    throw new TypeError(
      `openRoom takes the namespace of a party, such as env.CHAT, not ${what}: see the bindings in your wrangler configuration.`,
    );
  }
  if (isFaked(tools)) {
    throw new Error(
      "openRoom: rooms and clients need real timers and the real time. Call vi.useRealTimers() first, and move the clock by room.advance().",
    );
  }
  const seen = await tools.pool.runInDurableObject(roomStub(namespace, name), (object, ctx) => {
    followClock(ctx);
    return aboutOf(object);
  });
  if (!("kind" in seen)) {
    throw new TypeError(`openRoom takes the namespace of a party: ${seen.className} is none.`);
  }
  const { className, kind } = seen;
  if (props !== undefined && kind === "party") {
    throw new TypeError(
      `openRoom: ${className} takes no props. Only a Server of partyserver does.`,
    );
  }
  const patience = new Patience(tools.vitest, beganAtMs);
  const place = { namespace: namespace as DurableObjectNamespace, name, props };
  await tools.pool.runInDurableObject(stubOf(namespace, name, kind), (object) =>
    start(object, kind, place),
  );
  const room = new TestRoom(namespace, place, { tools, about: seen, patience });
  // Of tests that run at the same time, the current one is the last that has started: not this one.
  const test = tools.vitest.TestRunner.getCurrentTest();
  if (test && !test.concurrent) tools.vitest.onTestFinished(() => room.close());
  return room;
}
