import { runInDurableObject } from "cloudflare:test";
import { type Frame, FramedClient } from "./framed-client";
import type { TestRoom } from "./rooms";
import type { SeamRoom } from "./seam-party";

/** Joins, and asks for capabilities: `{ first: "5" }`. */
export function join(
  room: TestRoom<SeamRoom>,
  id: string,
  asked: Readonly<Record<string, string>> = {},
  key?: string | null,
): Promise<FramedClient> {
  const query = Object.entries(asked).map(([name, value]) => `&partyflare.${name}=${value}`);
  return FramedClient.join(room, { id, key, query: query.join("") });
}

let calls = 0;

/** The frames that the room had sent to a client when it answered a call that no party knows. */
export async function received(client: FramedClient): Promise<Frame[]> {
  const id = (calls += 1);
  await client.socket.sendFrame("$call", id, "unknown");
  const frames = await client.until(([name, answered]) => name === "$fail" && answered === id);
  return frames.slice(0, -1);
}

/** Sends a frame of both capabilities to everybody. */
export async function tellAll(room: TestRoom<SeamRoom>, payload: unknown = "told"): Promise<void> {
  await runInDurableObject(room.stub, ({ first, second }) => {
    for (const host of [first, second]) host.send(host.connections(), () => payload);
  });
}

/** The ids of the subscribers of the first capability, in order. */
export function subscribers(room: TestRoom<SeamRoom>): Promise<string[]> {
  return runInDurableObject(room.stub, ({ first }) =>
    Array.from(first.subscribers(), ({ id }) => id).toSorted(),
  );
}
