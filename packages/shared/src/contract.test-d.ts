/** What must compile, and what must not. Checked by `tsc`. */
import { type as arktype } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { type Contract, defineContract, type } from "./contract";
import type {
  CallErrorOf,
  CallInput,
  CallOutput,
  CallsOf,
  EventsOf,
  ReceivedEvent,
  ReceivedInput,
  ServerEvent,
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
      errors: { name_taken: type<{ suggestion: string }>(), forbidden: type<{ by: string }>() },
    },
    count: { output: type<number>() },
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
  Equal<keyof CallsOf<Chat>, "rename" | "count">,
  Equal<CallInput<Chat, "rename">, { name: string }>,
  Equal<CallOutput<Chat, "rename">, { name: string }>,
  Equal<CallInput<Chat, "count">, undefined>,
  Equal<ReceivedInput<Chat, "count">, undefined>,
  Equal<ServerEvent<Chat, "said">, { text: string }>,
  Equal<ReceivedEvent<Chat, "zod">, { at: Date }>,
  Equal<StateOf<Chat>, { name: string }>,
  Equal<TagOf<Chat>, "host" | "guest">,
  Equal<TagOf<{}>, string>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true];

export function readsDeclaredErrors(error: CallErrorOf<Chat, "rename">): string | undefined {
  if (error.code === "name_taken") return error.data.suggestion satisfies string;
  // The library has this code, too, and then there is no data.
  if (error.code === "forbidden") return error.data?.by satisfies string | undefined;
  // @ts-expect-error -- not declared
  if (error.code === "name_token") return;
  return error.message;
}

/** A name for what hovers and errors would spell out. */
type T = typeof chat;
export interface ChatContract extends T {}
export const named: Equal<EventsOf<ChatContract>["said"], { text: string }> = true;

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
// @ts-expect-error -- a call has no such key
defineContract({ calls: { say: { output: type<string>(), ouput: type<string>() } } });
// @ts-expect-error -- `once` is true or false
defineContract({ calls: { say: { output: type<string>(), once: "yes" } } });
// @ts-expect-error -- a schema is no call
defineContract({ calls: { say: type<string>() } });
// @ts-expect-error -- not a schema
defineContract({ fromClient: { say: String } });
// @ts-expect-error -- undefined is none either
defineContract({ fromClient: { say: undefined } });
// @ts-expect-error -- not a table of schemas
defineContract({ fromClient: type<string>() });
// @ts-expect-error -- not a schema
defineContract({ state: { name: type<string>() } });
// @ts-expect-error -- tags are texts
defineContract({ tags: [1] });
// @ts-expect-error -- a contract has no such key
defineContract({ fromservers: { said: type<string>() } });
/** A schema of an app's own knows the types of its parameters. */
defineContract({
  fromClient: {
    say: {
      "~standard": {
        version: 1,
        vendor: "mine",
        validate: (value) => ({ value: value satisfies unknown }),
      },
    },
  },
});
/** Contracts that were put together elsewhere. */
declare const anyContract: Contract;
defineContract(anyContract) satisfies Contract;
// oxlint-disable-next-line typescript/no-explicit-any -- as JavaScript's are
declare const anySchema: { schema: any }["schema"];
const ofAny = defineContract({ fromClient: { say: anySchema } });
export type Say = (typeof ofAny)["fromClient"]["say"];
// @ts-expect-error -- the names are known all the same
export type Shout = (typeof ofAny)["fromClient"]["shout"];
defineContract({ fromClient: undefined, fromServer: { said: type<string>() } });
defineContract({});
/** The same event may go both ways. */
defineContract({ fromClient: { cursor: type<string>() }, fromServer: { cursor: type<number>() } });
