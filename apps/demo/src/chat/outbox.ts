import { readTabText, writeTabText } from "../storage/stored-value";
import type { OutgoingMessage } from "./chat-state";

/** What was said in a room and not confirmed before this tab was last reloaded. */
export function readOutbox(room: string): OutgoingMessage[] {
  try {
    const kept: unknown = JSON.parse(readTabText(outboxKey(room)) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isOutgoing) : [];
  } catch {
    return [];
  }
}

/** Keeps it for the next time. */
export function writeOutbox(room: string, outbox: readonly OutgoingMessage[]): void {
  writeTabText(outboxKey(room), outbox.length === 0 ? "" : JSON.stringify(outbox));
}

function outboxKey(room: string): string {
  return `partyflare:outbox:${room}`;
}

function isOutgoing(value: unknown): value is OutgoingMessage {
  const { id, text, atMs } = (value ?? {}) as Partial<OutgoingMessage>;
  return typeof id === "string" && typeof text === "string" && typeof atMs === "number";
}
