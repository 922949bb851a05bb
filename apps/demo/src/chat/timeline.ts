import type { ChatMessage } from "../../contract";
import type { Chat } from "./use-chat";
import type { OutgoingMessage } from "./use-outgoing";

/** A pause after which the same author's next message stands on its own, in milliseconds. */
const PAUSE_MS = 5 * 60_000;

/** A message as the page displays it. */
export interface TimelineMessage extends ChatMessage {
  /** Unique on the page, and the same before and after the room's confirmation. */
  readonly key: string;
  readonly isOwn: boolean;
  /** Whether the room has not confirmed it yet. */
  readonly isPending: boolean;
}

/** Consecutive messages of one person, without a pause. */
export interface MessageGroup {
  /** The key of the first message. */
  readonly key: string;
  readonly person: string;
  readonly name: string;
  readonly isOwn: boolean;
  readonly atMs: number;
  /** Whether its first message is the first of its day. */
  readonly startsDay: boolean;
  readonly messages: readonly TimelineMessage[];
}

/** Returns all messages, oldest first. Pending messages come last. */
export function timeline(
  { said, you }: Pick<Chat, "said" | "you">,
  outgoing: readonly OutgoingMessage[],
): TimelineMessage[] {
  const heard = (said ?? []).map(({ data, offset }) => {
    const isOwn = data.person === you.id;
    // Other visitors choose their ids themselves, so an id may not be unique.
    return { ...data, key: isOwn ? data.id : `#${offset}`, isOwn, isPending: false };
  });
  const ids = new Set(heard.flatMap(({ id, isOwn }) => (isOwn ? [id] : [])));
  // The room's event arrives before its answer to the call.
  const pending = outgoing.filter(({ id }) => !ids.has(id));
  return [
    ...heard,
    ...pending.map((message) => ({
      ...message,
      key: message.id,
      person: you.id,
      name: you.name,
      isOwn: true,
      isPending: true,
    })),
  ];
}

/** Groups messages by author, in the same order. */
export function groupByAuthor(messages: readonly TimelineMessage[]): MessageGroup[] {
  const groups: (MessageGroup & { messages: TimelineMessage[] })[] = [];
  let previous: TimelineMessage | undefined;
  for (const message of messages) {
    const startsDay = !previous || !isSameDay(previous.atMs, message.atMs);
    const group = groups.at(-1);
    if (previous && group && !startsDay && continues(previous, message)) {
      group.messages.push(message);
    } else {
      const { key, person, name, isOwn, atMs } = message;
      groups.push({ key, person, name, isOwn, atMs, startsDay, messages: [message] });
    }
    previous = message;
  }
  return groups;
}

function continues(previous: ChatMessage, next: ChatMessage): boolean {
  return (
    next.person === previous.person &&
    next.name === previous.name &&
    next.atMs - previous.atMs < PAUSE_MS
  );
}

function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
