import type { Message } from "partyflare";
import { type ClientMessage, cleanName, MAX_TEXT_LENGTH } from "../messages";

/** Ids and keys are UUIDs here; anything as short and as plain will do. */
const PLAIN_ID = /^[\w-]{8,64}$/;

/** What a client has sent, checked and copied field by field; null for everything else. */
export function readClientMessage(message: Message): ClientMessage | null {
  const fields = readFields(message);
  switch (fields.get("type")) {
    case "join": {
      const [key, name] = [readId(fields.get("key")), readName(fields.get("name"))];
      return key === null || name === null ? null : { type: "join", key, name };
    }
    case "rename": {
      const name = readName(fields.get("name"));
      return name === null ? null : { type: "rename", name };
    }
    case "say": {
      const [id, text] = [readId(fields.get("id")), readText(fields.get("text"))];
      return id === null || text === null ? null : { type: "say", id, text };
    }
    default:
      return null;
  }
}

/** A map, and not the object itself: nothing inherited can pass for a field. */
function readFields(message: Message): ReadonlyMap<string, unknown> {
  if (typeof message !== "string") return new Map();
  try {
    const value: unknown = JSON.parse(message);
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  } catch {
    return new Map();
  }
}

function readId(value: unknown): string | null {
  return typeof value === "string" && PLAIN_ID.test(value) ? value : null;
}

function readName(value: unknown): string | null {
  return (typeof value === "string" && cleanName(value)) || null;
}

function readText(value: unknown): string | null {
  if (typeof value !== "string" || value.length > MAX_TEXT_LENGTH) return null;
  return value.trim() || null;
}
