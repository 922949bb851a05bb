import { encodeEvent } from "@partyflare/shared/internal";

/** The event that is sent all the time. */
export const EVENT = "shapes";

/** What it carries: things on a board, and as much text as makes the frame as long as is asked. */
export interface Shapes {
  readonly by: string;
  readonly shapes: readonly { id: number; x: number; y: number; kind: string }[];
  readonly text: string;
}

/** As many differ as a client may see one after the other; then they come again. */
const DIFFERENT_FRAMES = 1_000;

/**
 * The messages of a room, each with its frames joined as a room joins them.
 *
 * @param frameBytes how long one frame is.
 * @param framesAMessage how many are joined.
 */
export function messagesOf(frameBytes: number, framesAMessage: number): MessageEvent<string>[] {
  const frames = Array.from({ length: DIFFERENT_FRAMES }, (_, index) => frameOf(frameBytes, index));
  const messages: MessageEvent<string>[] = [];
  for (let from = 0; from < frames.length; from += framesAMessage) {
    const data = frames.slice(from, from + framesAMessage).join("\n");
    messages.push(new MessageEvent("message", { data }));
  }
  return messages;
}

/** All of it is ASCII: a byte a character. */
function frameOf(bytes: number, index: number): string {
  const shapes: Shapes["shapes"][number][] = [];
  let frame = "";
  for (;;) {
    const id = index * 100 + shapes.length;
    shapes.push({ id, x: (id * 37) % 1_920, y: (id * 91) % 1_080, kind: "circle" });
    const longer = encodeEvent(EVENT, { by: "ada", shapes, text: "" });
    if (longer.length > bytes) break;
    frame = longer;
  }
  if (frame === "") throw new RangeError(`A frame takes more than ${bytes} bytes.`);
  shapes.pop();
  const text = "x".repeat(bytes - frame.length);
  return encodeEvent(EVENT, { by: "ada", shapes, text });
}
