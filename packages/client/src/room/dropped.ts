import type { DropReason, QueuedMessage } from "../connection/message-queue";

/** What a room was to be sent, as it was when it was given to `emit`, `call` or one of the others. */
type Unsent =
  | { readonly kind: "event"; readonly event: string; readonly data: unknown }
  | { readonly kind: "call"; readonly call: string; readonly input: unknown }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly bytes: Exclude<QueuedMessage["message"], string> };

/** Something that will never be sent. Compare `kind`, and TypeScript knows the rest. */
export type Dropped = Unsent & {
  /** No more may be held (`full`), or the room is closed. */
  readonly reason: DropReason;
};

/** What a message of a room's says. It is read only now, so that nothing is kept twice. */
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
