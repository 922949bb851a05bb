import { defineContract, type Schema, type } from "@partyflare/shared";
import { z } from "zod";
import type { Change } from "./shared-edits.ts";
import type { Board, Who } from "./shared-report.ts";
import { TEAMS } from "./presence-contract.ts";

const keys = {
  count: z.number(),
  votes: z.record(z.string(), z.object({ choice: z.string(), weight: z.number() })),
  kept: z.record(z.string(), z.number()),
  items: z.array(z.object({ id: z.string(), text: z.string() })),
  free: z.unknown().optional(),
  hands: z.record(z.string(), z.array(z.string())),
  teams: z.record(z.string(), z.string()),
  deck: z.string().optional(),
  bulk: z.record(z.string(), z.string()),
};

/** What the first build of the Worker shares. */
const first = z.object({ ...keys, title: z.string() });

/** What the second build shares: a key has another form, and one is new. */
const second = z.object({
  ...keys,
  title: z.object({ text: z.string() }),
  theme: z.string().default("plain"),
});

/** The schemas of the two builds. The room can check a key of `object` alone, and `whole` not. */
export const SCHEMAS = {
  object: { 1: first as Schema, 2: second as Schema },
  whole: {
    1: first.refine(({ count }) => count >= 0) as Schema,
    2: second.refine(({ count }) => count >= 0) as Schema,
  },
};

/** Returns what rooms with shared state and their clients exchange. */
export function boardContract(shared: Schema) {
  return defineContract({
    fromClient: { changing: type<Change>() },
    calls: {
      change: { input: type<Change>(), output: type<null>() },
      changeOnce: { input: type<Change>(), output: type<null>(), once: true },
      /** Changes the connection's state and tags. */
      become: { input: type<Who>(), output: type<null>() },
    },
    shared: shared as Schema<Board>,
    tags: TEAMS,
    state: type<{ readonly user: string }>(),
  });
}

export type BoardContract = ReturnType<typeof boardContract>;
