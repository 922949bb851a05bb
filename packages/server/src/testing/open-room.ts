import { isNamespace } from "../routing/namespaces";
import { resolveOptions } from "../options";
import { roomStub } from "../routing/with-room";
import { followClock } from "./clock";
import { shown } from "./shown";
import { type AnyRoom, TestRoom } from "./test-room";
import { isFaked, loadTools } from "./tools";

/** Methods that every party has, and other Durable Objects have not. */
const METHODS = ["authorize", "broadcast", "getConnections", "onConnect", "transactionSync"];

/**
 * Opens a room for a test in Vitest's Workers pool, and starts it. At the end of the test, the room
 * and its clients are closed. Outside of a test, as in `beforeAll`, call `room.close()` in `afterAll`.
 * In `it.concurrent`, call it in the test context's `onTestFinished`.
 *
 * @param namespace the binding of the party, such as `env.CHAT`.
 * @param name the room's name. Default: a random one.
 * @throws TypeError if the namespace is not one of a party. Error outside of Vitest's Workers pool and
 *   with Vitest's fake timers or time, and what `onStart` throws.
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
): Promise<TestRoom<Room>> {
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
  const stub = roomStub(namespace, name);
  const about = await tools.pool.runInDurableObject(stub, (party, ctx) => {
    followClock(ctx);
    const { constructor } = party;
    const isParty = METHODS.every((method) => typeof Reflect.get(party, method) === "function");
    return isParty
      ? { className: constructor.name, hibernates: resolveOptions(constructor).hibernate }
      : { className: constructor.name };
  });
  if (about.hibernates === undefined) {
    throw new TypeError(`openRoom takes the namespace of a party: ${about.className} is none.`);
  }
  const room = new TestRoom(namespace, name, { tools, about });
  // Of tests that run at the same time, the current one is the last that has started: not this one.
  const test = tools.vitest.TestRunner.getCurrentTest();
  if (test && !test.concurrent) tools.vitest.onTestFinished(() => room.close());
  return room;
}
