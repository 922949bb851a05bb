import type { DropReason, QueuedMessage } from "../connection/message-queue";

/** An unsent message, as it was given to `emit`, `call`, `sendText` or `sendBinary`. */
type Unsent =
  | { readonly kind: "event"; readonly event: string; readonly data: unknown }
  | { readonly kind: "call"; readonly call: string; readonly input: unknown }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly bytes: Exclude<QueuedMessage["message"], string> };

/** A message that will never be sent. Compare `kind` to narrow its type. */
export type Dropped = Unsent & {
  /** Why it was dropped: the queue is full (`full`), or the room is closed (`closed`). */
  readonly reason: DropReason;
};

/** Decodes a dropped message. The frame is parsed only now, so that nothing is stored twice. */
export function droppedOf({ message }: QueuedMessage, reason: DropReason): Dropped {
  if (typeof message !== "string") return { kind: "binary", bytes: message, reason };
  const [name, ...rest] = JSON.parse(message) as [string, ...unknown[]];
  switch (name) {
    case "$call":
      return { kind: "call", call: rest[1] as string, input: rest[2], reason };
    case "$text":
      return { kind: "text", text: rest[0] as string, reason };
    default:
      return { kind: "event", event: name, data: rest[0], reason };
  }
}
