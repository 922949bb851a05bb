import { invalidOption, PartyError } from "./errors";
import { MAX_ROOM_NAME_BYTES } from "./limits";
import { utf8Length } from "./utf8";

/** The first path segment of a room's URL, unless both sides choose another. */
export const DEFAULT_PREFIX = "parties";

/** The address of a room: its party and its name. */
export interface RoomAddress {
  /** The party's name as in the URL: `chat`, `my-party`. */
  party: string;
  /** The room's name, decoded and normalized. */
  room: string;
}

/**
 * Returns a room's name in Unicode form NFC, so that `café` is one room however a user types it.
 *
 * @param name 1 to 512 bytes of UTF-8 after normalizing. A slash is an ordinary character.
 * @throws PartyError `invalid` if it is not a string, empty, too long, `.` or `..` (URLs fold
 *   them). Also if it contains a control character, a bidirectional control or a lone surrogate.
 */
export function normalizeRoomName(name: string): string {
  if (typeof name !== "string") throw illegalRoomName(`is a string, not ${typeof name}`);
  if (name === "") throw illegalRoomName("is not empty");
  // UAX #15: normalizing shortens UTF-16 to a quarter at most. This bounds the work on long names.
  const room = name.length > 4 * MAX_ROOM_NAME_BYTES ? name : name.normalize("NFC");
  if (utf8Length(room) > MAX_ROOM_NAME_BYTES) {
    throw illegalRoomName(`has at most ${MAX_ROOM_NAME_BYTES} bytes of UTF-8`);
  }
  if (room === "." || room === "..") throw illegalRoomName("is neither . nor ..");
  if (ILLEGAL_CHARACTERS.test(room)) {
    throw illegalRoomName("holds no control, bidirectional or lone surrogate characters");
  }
  return room;
}

/**
 * Unicode controls (Cc), lone surrogates (Cs) and characters that change the direction of text (UAX
 * #9, Bidi_Control). The ranges are spelled out, since Hermes may not know the property names.
 */
const ILLEGAL_CHARACTERS =
  // oxlint-disable-next-line no-control-regex -- the expression looks for them
  /[\0-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function illegalRoomName(rule: string): PartyError<"invalid"> {
  return new PartyError("invalid", { message: `A room's name ${rule}.` });
}

/**
 * Returns the form of a party's name for comparison: `my-party`, `myparty`, `MyParty` and
 * `MY_PARTY` are one.
 */
export function normalizePartyName(name: string): string {
  return name.toLowerCase().replaceAll("-", "").replaceAll("_", "");
}

/** The parts of a room's path. */
export interface RoomPathParts extends RoomAddress {
  /** Leading path segments; slashes around them are optional. Default: `parties`. */
  prefix?: string;
  /** The path after the room, sent as it is; a leading slash is optional. Default: empty. */
  path?: string;
}

/**
 * Returns the path of a room's URL, encoded. `parseRoomPath` reads it back to the same room. It
 * refuses only names that no URL can carry; the room decides which names are legal.
 *
 * @throws PartyError `invalid` if the party or the room is not a string, empty, `.` or `..` (URLs
 *   fold them), or has a lone surrogate.
 */
export function roomPath({ party, room, prefix, path = "" }: RoomPathParts): string {
  const segments = Object.entries({ party, room }).map(([what, name]) => {
    if (typeof name !== "string" || /^\.{0,2}$|[\ud800-\udfff]/u.test(name)) {
      throw invalidOption(what);
    }
    return encodeURIComponent(name);
  });
  const rest = path === "" || path.startsWith("/") ? path : `/${path}`;
  return `${prefixPath(prefix)}${segments.join("/")}${rest}`;
}

/**
 * Reads a room's address from the path of a URL; null if it is not the path of a room.
 *
 * @param pathname encoded, as in `URL.pathname`.
 * @param isParty called with the party before the room's name is read. If it returns false, the
 *   result is null, whatever the name of the room.
 * @throws PartyError `invalid` if the path has the form of a room's path and the name is illegal or
 *   badly escaped.
 */
export function parseRoomPath(
  pathname: string,
  { prefix, isParty = () => true }: { prefix?: string; isParty?: (party: string) => boolean } = {},
): RoomAddress | null {
  const base = prefixPath(prefix);
  if (!pathname.startsWith(base)) return null;
  const [encodedParty = "", encodedRoom = ""] = pathname.slice(base.length).split("/", 2);
  if (encodedParty === "" || encodedRoom === "") return null;
  const party = decode(encodedParty);
  if (party === null || !isParty(party)) return null;
  const room = decode(encodedRoom);
  if (room === null) throw illegalRoomName("is escaped as UTF-8 in its URL");
  return { party, room: normalizeRoomName(room) };
}

/** Returns `/`, or the prefix between two slashes, encoded as `URL` encodes it. */
function prefixPath(prefix = DEFAULT_PREFIX): string {
  // A fast path: every request of a Worker comes through here.
  if (prefix === DEFAULT_PREFIX) return `/${DEFAULT_PREFIX}/`;
  const segments = prefix.split("/").filter(Boolean);
  return new URL(["", ...segments, ""].join("/"), "http://localhost").pathname;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
