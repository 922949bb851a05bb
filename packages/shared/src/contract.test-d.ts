/** What must compile, and what must not. Checked by `tsc`. */
import { type as arktype } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { defineContract, type } from "./contract";
import type {
  CallErrorOf,
  CallInput,
  CallOutput,
  CallsOf,
  EventsOf,
  StateOf,
  TagOf,
} from "./contract-types";

const chat = defineContract({
  fromClient: {
    zod: z.object({ at: z.coerce.date() }),
    valibot: v.object({ text: v.string() }),
    arktype: arktype({ text: "string" }),
    unchecked: type<{ on: boolean }>(),
  },
  fromServer: { said: type<{ text: string }>() },
  calls: {
    rename: {
      input: z.object({ name: z.string() }),
      output: z.object({ name: z.string() }),
      errors: { name_taken: type<{ suggestion: string }>() },
    },
  },
  state: v.object({ name: v.string() }),
  tags: ["host", "guest"],
});
type Chat = typeof chat;

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const inferred: [
  Equal<EventsOf<Chat>["said"], { text: string }>,
  Equal<EventsOf<Chat, "client">["valibot"], { text: string }>,
  Equal<EventsOf<Chat, "client">["arktype"], { text: string }>,
  Equal<EventsOf<Chat, "client">["unchecked"], { on: boolean }>,
  Equal<keyof CallsOf<Chat>, "rename">,
  Equal<CallInput<Chat, "rename">, { name: string }>,
  Equal<CallOutput<Chat, "rename">, { name: string }>,
  Equal<StateOf<Chat>, { name: string }>,
  Equal<TagOf<Chat>, "host" | "guest">,
  Equal<TagOf<{}>, string>,
] = [true, true, true, true, true, true, true, true, true, true];

export function readsDeclaredErrors(error: CallErrorOf<Chat, "rename">): string | undefined {
  if (error.code === "name_taken") return error.data?.suggestion satisfies string | undefined;
  // @ts-expect-error -- not declared
  if (error.code === "name_token") return;
  return error.message;
}

// @ts-expect-error -- begins with $
defineContract({ fromClient: { $say: type<string>() } });
// @ts-expect-error -- a property of every object
defineContract({ fromServer: { constructor: type<string>() } });
// @ts-expect-error -- a property of every object
defineContract({ calls: { toString: { input: type<string>(), output: type<string>() } } });
defineContract({
  // @ts-expect-error -- both an event and a call
  fromClient: { say: type<string>() },
  calls: { say: { input: type<string>(), output: type<string>() } },
});
// @ts-expect-error -- a call has an output
defineContract({ calls: { say: { input: type<string>() } } });
// @ts-expect-error -- not a schema
defineContract({ fromClient: { say: String } });
/** The same event may go both ways. */
defineContract({ fromClient: { cursor: type<string>() }, fromServer: { cursor: type<number>() } });
