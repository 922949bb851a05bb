import { abortAllDurableObjects } from "cloudflare:test";
import { describe, it } from "vitest";
import { Conversation } from "./conversation.ts";
import { COUNT, randomConversation } from "./random-conversation.ts";

/** The same for both kinds of room. A file each: the more resets, the slower the test runtime gets. */
export function describeResets(party: "hibernating" | "in-memory"): void {
  describe(`a room that is reset (${party})`, () => {
    it(`has after ${COUNT} resets all that it confirmed, and nobody who is gone`, async () => {
      const room = new Conversation(party);
      for (const steps of randomConversation()) {
        for (const step of steps) await room.take(step);
        await abortAllDurableObjects();
        await room.recover();
      }
      await room.agree();
    });
  });
}
