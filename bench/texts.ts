import type { Operation } from "@partyflare/shared/internal";
import { type Contender, speaksEngineIo } from "./contenders.ts";
import { eventText } from "./load/engine-io.ts";

/** What clients say: as frames to a typed room, as events to Socket.IO, as text with the same word to a raw room. */
type Word = "say" | "echo";

/** A message of exactly so many bytes, which the room passes on in as many. */
export function textOfBytes(contender: Contender, word: Word, bytes: number): string {
  const saying = (text: string) => {
    if (speaksEngineIo(contender)) return eventText(word, text);
    return contender.isTyped ? JSON.stringify([word, text]) : word + text;
  };
  return saying("x".repeat(bytes - saying("").length));
}

/** A cursor has moved. The same in every contender: a raw room passes it on as it is. */
export function moveText(contender: Contender, by: string): string {
  const move = { by, x: 512, y: 384 };
  if (speaksEngineIo(contender)) return eventText("move", move);
  return contender.isTyped ? JSON.stringify(["move", move]) : `move ${JSON.stringify(move)}`;
}

/** A call, by the frame of a typed room or as one would write it by hand. */
export function callText({ isTyped }: Contender, id: number): string {
  const input = { a: id, b: 1 };
  return JSON.stringify(isTyped ? ["$call", id, "add", input] : { id, name: "add", input });
}

/** What validators have to check. */
export const POINT_TEXT = JSON.stringify([
  "point",
  { x: 512.5, y: 384.25, label: "the corner of the window", tags: ["red", "dashed", "selected"] },
]);

/** How many different tags there are in a crowd. */
export const TAGS = 100;

/** The tag of the `index`-th of a crowd. */
export function tagOf(index: number): string {
  return `table-${index % TAGS}`;
}

/** A call that happens once. By hand it says who calls, and its id is the operation's number. */
export function onceText(
  { isTyped }: Contender,
  { repeat: _repeat, ...operation }: Operation,
  name: string,
): string {
  const { number } = operation;
  const input = { a: number, b: 1 };
  return JSON.stringify(
    isTyped ? ["$call", number, name, input, operation] : { client: "c0", id: number, name, input },
  );
}
