import { defineContract, type } from "@partyflare/shared";
import * as valibot from "valibot";
import * as zod from "zod";
import type { Put } from "../shared-state/board.ts";

/** A cursor's position, as everyone is told of it. */
interface Move {
  readonly by: string;
  readonly x: number;
  readonly y: number;
}

/** What the validators have to check. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly tags: readonly string[];
}

/** What typed rooms and their clients say: types alone, nothing is checked. */
export const plain = defineContract({
  fromClient: {
    say: type<string>(),
    echo: type<string>(),
    move: type<Move>(),
    point: type<Point>(),
  },
  fromServer: { say: type<string>(), echo: type<string>(), move: type<Move>() },
  calls: {
    add: { input: type<{ a: number; b: number }>(), output: type<{ sum: number }>() },
  },
});

/** Durable events, and calls that happen once. */
export const durable = defineContract({
  fromClient: { say: type<string>() },
  fromServer: { say: type<string>() },
  calls: {
    add: {
      input: type<{ a: number; b: number }>(),
      output: type<{ sum: number }>(),
      once: true,
    },
  },
});

/** A point that zod checks. */
export const withZod = defineContract({
  fromClient: {
    echo: type<string>(),
    point: zod.object({
      x: zod.number(),
      y: zod.number(),
      label: zod.string().max(100),
      tags: zod.array(zod.string()),
    }),
  },
  fromServer: { echo: type<string>() },
});

/** A point that valibot checks. */
export const withValibot = defineContract({
  fromClient: {
    echo: type<string>(),
    point: valibot.object({
      x: valibot.number(),
      y: valibot.number(),
      label: valibot.pipe(valibot.string(), valibot.maxLength(100)),
      tags: valibot.array(valibot.string()),
    }),
  },
  fromServer: { echo: type<string>() },
});

/** What each person shares. */
export const present = defineContract({
  fromClient: { point: type<Point>() },
  presence: zod.object({
    cursor: zod.object({ x: zod.number(), y: zod.number() }).nullable(),
    typing: zod.boolean(),
  }),
});

/** A board that the room shares. What a client sends is checked once, as a part of the board. */
export const board = defineContract({
  fromClient: { put: type<Put>() },
  shared: zod.object({
    notes: zod.record(zod.string(), zod.string()),
    shapes: zod.record(
      zod.string(),
      zod.object({ x: zod.number(), y: zod.number(), colour: zod.string() }),
    ),
  }),
});
