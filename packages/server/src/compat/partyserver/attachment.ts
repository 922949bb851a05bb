import { type Attachment, writeAttachment } from "../../connections/attachment";
import { keptUri } from "./server-connection";

/**
 * Takes over a socket that partyserver has accepted, and writes its attachment in our form. A room
 * may wake on this code with such sockets, and later on a party.
 */
export function adoptSocket(
  socket: WebSocket,
  value: unknown,
  platformTags: readonly string[],
): Attachment | undefined {
  const attachment = readAttachment(value, platformTags);
  if (!attachment) return undefined;
  try {
    return writeAttachment(socket, attachment, "state");
  } catch {
    // Our form may be some bytes too long. The next wake-up reads partyserver's again.
    return attachment;
  }
}

/** Reads partyserver's attachment: its own fields in `__pk`, the app's state in `__user`. */
function readAttachment(value: unknown, platformTags: readonly string[]): Attachment | undefined {
  const fields = fieldsOf(value);
  if (!fields) return undefined;
  // Older versions wrote no tags.
  const { id, tags = platformTags, uri, state } = fields;
  return {
    id,
    // The platform's tags of the socket stay what they are.
    tags: [id, ...tags.filter((tag) => tag !== id)],
    state: state ?? null,
    keyHash: null,
    isFramed: false,
    expiresAtMs: null,
    subscriptions: [],
    kept: keptUri(uri),
  };
}

interface Fields {
  readonly id: string;
  readonly tags: readonly string[] | undefined;
  readonly uri: string | undefined;
  readonly state: unknown;
}

function fieldsOf(value: unknown): Fields | undefined {
  if (!isObject(value) || !isObject(value["__pk"])) return undefined;
  const { id, tags, uri } = value["__pk"];
  if (typeof id !== "string") return undefined;
  return {
    id,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : undefined,
    uri: typeof uri === "string" ? uri : undefined,
    state: value["__user"],
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
