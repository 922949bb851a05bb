import type { ChatMessage, Person, ServerMessage } from "../../messages";

/** Something this visitor has said that the room has not confirmed yet. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When it was said, in milliseconds since 1970. */
  readonly atMs: number;
}

/** How the page stands with its room. `open` from the room's welcome on. */
export type ConnectionState = "connecting" | "open" | "reconnecting" | "closed";

/** All that a room's page knows. */
export interface ChatState {
  readonly connection: ConnectionState;
  /** The id by which the room knows this visitor; null before the first welcome. */
  readonly you: string | null;
  readonly people: readonly Person[];
  /** What the room has heard, oldest first; null before the first welcome. */
  readonly messages: readonly ChatMessage[] | null;
  readonly outbox: readonly OutgoingMessage[];
}

/** What can happen to it. */
export type ChatAction =
  | { readonly type: "received"; readonly message: ServerMessage }
  | { readonly type: "said"; readonly message: OutgoingMessage }
  | { readonly type: "lost"; readonly final: boolean }
  | { readonly type: "retried" };

/** The state of a page that has just been opened. */
export function newChat(outbox: readonly OutgoingMessage[]): ChatState {
  return { connection: "connecting", you: null, people: [], messages: null, outbox };
}

/** The state after something has happened. */
export function reduceChat(chat: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "received":
      return receive(chat, action.message);
    case "said":
      return { ...chat, outbox: [...chat.outbox, action.message] };
    case "lost":
      return { ...chat, connection: action.final ? "closed" : "reconnecting" };
    case "retried":
      return { ...chat, connection: "reconnecting" };
    default:
      return action satisfies never;
  }
}

function receive(chat: ChatState, message: ServerMessage): ChatState {
  switch (message.type) {
    case "welcome": {
      const { you, people, history } = message;
      const messages = merge(chat.messages ?? [], history);
      return confirm({ ...chat, connection: "open", you, people, messages }, history);
    }
    case "people":
      return { ...chat, people: message.people };
    case "said":
      return confirm(hear(chat, message.message), [message.message]);
    default:
      // A newer room may say what this page does not know yet.
      message satisfies never;
      return chat;
  }
}

/** What was said twice was heard the first time. */
function hear(chat: ChatState, message: ChatMessage): ChatState {
  const messages = chat.messages ?? [];
  if (messages.some(({ id }) => id === message.id)) return chat;
  return { ...chat, messages: [...messages, message] };
}

/** The room's order, each once. What it has forgotten since stays on this page. */
function merge(known: readonly ChatMessage[], heard: readonly ChatMessage[]): ChatMessage[] {
  const ids = new Set(heard.map(({ id }) => id));
  return [...known.filter(({ id }) => !ids.has(id)), ...heard];
}

/** What the room has heard is no longer on its way. */
function confirm(chat: ChatState, heard: readonly ChatMessage[]): ChatState {
  const ids = new Set(heard.map(({ id }) => id));
  if (!chat.outbox.some(({ id }) => ids.has(id))) return chat;
  return { ...chat, outbox: chat.outbox.filter(({ id }) => !ids.has(id)) };
}
