/** What must compile, and what must not. Checked by `tsc`: an error that is expected and missing fails. */
import { defineContract, type Schema, type } from "@partyflare/shared";
import {
  type CallInput,
  type CallsOf,
  connect,
  type Contract,
  type EventsOf,
  history,
  PartyError,
  type Room,
  type RoomStatus,
} from "./index";
import { useHistory } from "./react";

const chat = defineContract({
  fromClient: {
    say: type<{ text: string }>(),
    wave: type<void>(),
    note: type<string | undefined>(),
  },
  fromServer: { said: type<{ by: string; text: string }>(), waved: type<void>() },
  calls: {
    rename: {
      input: type<{ name: string }>(),
      output: type<{ name: string }>(),
      errors: { name_taken: type<{ suggestion: string }>() },
    },
    count: { input: type<void>(), output: type<number>() },
    roll: { output: type<number>() },
    post: { input: type<unknown>(), output: type<void>() },
  },
});

export async function typedRoom(signal: AbortSignal): Promise<void> {
  const room = connect<typeof chat>({ host: "example.com", party: "chat", room: "lobby" });
  room satisfies Room<typeof chat>;

  room.emit("say", { text: "hello" }) satisfies "sent" | "held" | "dropped";
  room.emit("wave");
  room.emit("note");
  room.emit("note", "text");
  // @ts-expect-error -- not an event of the contract
  room.emit("shout", { text: "hello" });
  // @ts-expect-error -- an event that only the room sends
  room.emit("said", { by: "x", text: "hello" });
  // @ts-expect-error -- a call is not an event
  room.emit("rename", { name: "Ada" });
  // @ts-expect-error -- the text is text
  room.emit("say", { text: 1 });
  // @ts-expect-error -- data is missing
  room.emit("say");
  // @ts-expect-error -- it carries nothing
  room.emit("wave", { text: "hello" });

  const stop = room.on("said", ({ by, text }) => `${by satisfies string}${text satisfies string}`);
  stop() satisfies void;
  room.once("waved", () => {});
  room.on("waved", (data) => data satisfies void);
  // @ts-expect-error -- not an event of the room
  room.on("say", () => {});
  // @ts-expect-error -- it has no `name`
  room.on("said", ({ name }) => name);
  // @ts-expect-error -- the handler takes something else
  room.on("said", (text: string) => text);
  for await (const { text } of room.events("said")) text satisfies string;
  // @ts-expect-error -- not an event of the room
  room.events("say");

  const { name } = await room.call("rename", { name: "Ada" }, { timeoutMs: 5_000, signal });
  name satisfies string;
  (await room.call("count")) satisfies number;
  await room.call("count", undefined, { signal });
  (await room.call("roll")) satisfies number;
  await room.call("roll", undefined, { signal });
  await room.call("post", undefined);
  // @ts-expect-error -- it takes no input
  await room.call("roll", { sides: 6 });
  // @ts-expect-error -- input that is unknown is there all the same
  await room.call("post");
  // @ts-expect-error -- not a call of the contract
  await room.call("remove", {});
  // @ts-expect-error -- an event is not a call
  await room.call("say", { text: "hello" });
  // @ts-expect-error -- the name is text
  await room.call("rename", { name: 1 });
  // @ts-expect-error -- input is missing
  await room.call("rename");
  // @ts-expect-error -- the answer has no `nickname`
  (await room.call("rename", { name: "Ada" })).nickname satisfies string;
  // @ts-expect-error -- the unit is in the name
  await room.call("count", undefined, { timeout: 5 });

  await room.call("rename", { name: "Ada" }).catch((error) => {
    if (error.code === "name_taken") error.data.suggestion satisfies string;
    if (error.code === "timeout") error.message satisfies string;
    // @ts-expect-error -- not declared
    if (error.code === "name_token") return;
    // @ts-expect-error -- `data` is known only once the code is
    error.data?.suggestion satisfies string;
  });
  await room.call("count").then(
    (count) => count satisfies number,
    (error) => {
      // @ts-expect-error -- another call's
      if (error.code === "name_taken") return 0;
      return error.retryAfterMs ?? 0;
    },
  );
  await (room.call("count") satisfies Promise<number>);

  room.onError(
    (error, event) => `${error.code satisfies string} ${event satisfies string | undefined}`,
  );
  room.onBinary((bytes) => bytes satisfies ArrayBuffer);
  // @ts-expect-error -- text has its own word
  room.sendBinary("text");
}

/** Helpers of an app's own, generic over its events and calls, and over contracts. */
export const publish = <E extends keyof EventsOf<typeof chat, "client">>(
  room: Room<typeof chat>,
  event: E,
  data: EventsOf<typeof chat, "client">[E],
) => room.emit(event, data);

export const ask = <N extends keyof CallsOf<typeof chat>>(
  room: Room<typeof chat>,
  name: N,
  input: CallInput<typeof chat, N>,
) => room.call(name, input) satisfies Promise<unknown>;

interface Greets extends Contract {
  readonly fromClient: { readonly greet: Schema<{ name: string }> };
}

export function greet<C extends Greets>(room: Room<C>): void {
  room.emit("greet", { name: "Ada" });
  // @ts-expect-error -- the name is text
  room.emit("greet", { name: 1 });
}

export async function typedHistory(room: Room<typeof chat>): Promise<void> {
  const page = await history(room).read("said", { before: 7, limit: 20 });
  page[0]?.data.by satisfies string | undefined;
  page[0]?.offset satisfies number | undefined;
  page[0]?.atMs satisfies number | undefined;
  (await history(room).read("waved"))[0]?.data satisfies void;
  // @ts-expect-error -- not an event of the room
  await history(room).read("say");
  // @ts-expect-error -- a page has no such option
  await history(room).read("said", { keep: 7 });
  // @ts-expect-error -- the past is an import, and no method
  await room.history("said");
}

/** A hook, so that its name is one too. */
export function useTypedHistory(room: Room<typeof chat>): string[] {
  const { events, hasMore, isLoading, error, loadMore } = useHistory(room, "said", { limit: 20 });
  hasMore satisfies boolean;
  isLoading satisfies boolean;
  error satisfies PartyError | undefined;
  loadMore() satisfies void;
  events[0]?.offset satisfies number | undefined;
  events[0]?.atMs satisfies number | undefined;
  useHistory(room, "waved").events[0]?.data satisfies void;
  // @ts-expect-error -- not an event of the room
  useHistory(room, "say");
  // @ts-expect-error -- a page is asked for before the first event, always
  useHistory(room, "said", { before: 7 });
  // @ts-expect-error -- it has no `name`
  events[0]?.data.name satisfies string;
  // @ts-expect-error -- a live one carries no time of its own
  events[0]!.atMs satisfies number;
  return events.map(({ data }) => data.text satisfies string);
}

export function everyStatus(status: RoomStatus): string {
  switch (status.state) {
    case "connecting":
      return String(status.attempt satisfies number);
    case "open":
      return status.id satisfies string;
    case "waiting":
      return String(status.retryAtMs - Date.now() + status.attempt);
    case "closed":
      // @ts-expect-error -- only a waiting one will be tried again
      status.retryAtMs satisfies number;
      return status.error instanceof PartyError ? status.error.code : "";
    default:
      return status satisfies never;
  }
}

/** Without its contract a room has no events, and what belongs to raw sockets is not taken. */
const location = { host: "example.com", party: "chat", room: "lobby" };
export const roomOfNoContract = () => connect(location);
// @ts-expect-error -- the contract's type is missing
export const emitsNothing = () => roomOfNoContract().emit("say", { text: "hello" });
// @ts-expect-error -- frames have a subprotocol of their own
export const offersMore = () => connect({ ...location, protocols: ["mine"] });
// @ts-expect-error -- the contract is a type, not a value
export const takesNoSchema = () => connect<typeof chat>({ ...location, contract: chat });
