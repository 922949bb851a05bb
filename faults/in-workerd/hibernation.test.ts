import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Conversation } from "./conversation.ts";
import { COUNT, randomConversation } from "./random-conversation.ts";

describe("a room that hibernates", () => {
  it(`knows after ${COUNT} sleeps at random points all that it knew before`, async () => {
    const room = new Conversation("hibernating");
    let sleeps = 0;
    for (const steps of randomConversation()) {
      for (const step of steps) await room.take(step);
      // With messages on their way, or none: both are points of a conversation.
      if (await fallsAsleep(room)) sleeps += 1;
    }
    const { starts } = await room.agree();
    expect(starts).toBe(sleeps + 1);
    expect(sleeps).toBeGreaterThan(COUNT / 2);
  });
});

/** False where nobody has woken it since the last time. */
async function fallsAsleep({ room }: Conversation): Promise<boolean> {
  try {
    await evictDurableObject(env.HIBERNATING.getByName(room));
    return true;
  } catch (error) {
    if (String(error).includes("not currently running")) return false;
    throw error;
  }
}
