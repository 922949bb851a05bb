import { invalidOption, PartyError } from "./errors";
import { MAX_ROOM_NAME_BYTES } from "./limits";
import { utf8Length } from "./utf8";

/** The first path segment of a room's URL, unless both sides choose another. */
export const DEFAULT_PREFIX = "parties";

/** Where a room is: its party and its name. */
export interface RoomAddress {
  /** The party's name as it stands in the URL: `chat`, `my-party`. */
  party: string;
  /** The room's name, decoded and normalised. */
  room: string;
}

/**
 * The one spelling of a room's name: NFC, so that `café` is one room however it was typed.
 *
 * @param name 1 to 512 bytes of UTF-8 after normalising. A slash is an ordinary character.
 * @throws PartyError `invalid` when it is not a string, empty, too long, `.` or `..`
 *   (URLs fold them), or holds a control, a bidirectional control or a lone surrogate.
 */
export function normalizeRoomName(name: string): string {
  if (typeof name !== "string") throw illegalRoomName(`is a string, not ${typeof name}`);
  if (name === "") throw illegalRoomName("is not empty");
  // UAX #15: normalising shortens UTF-16 to a quarter at most. This bounds the work on long names.
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
 * Unicode: controls (Cc), lone surrogates (Cs), and what changes the direction of text (UAX #9,
 * Bidi_Control). Not by the names of these properties, which Hermes may not know.
 */
const ILLEGAL_CHARACTERS =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\0-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function illegalRoomName(rule: string): PartyError<"invalid"> {
  return new PartyError("invalid", { message: `A room's name ${rule}.` });
}

/**
 * What is compared when a party is looked up: `my-party`, `myparty`, `MyParty` and `MY_PARTY`
 * are one.
 */
export function normalizePartyName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** What a room's path is made of. */
export interface RoomPathParts extends RoomAddress {
  /** Leading path segments, with or without slashes around. Default: `parties`. */
  prefix?: string;
  /** What follows the room, with or without a leading slash; sent as it is. Default: nothing. */
  path?: string;
}

/**
 * The path of a room's URL, everything in it encoded: `parseRoomPath` gives the same room back. Which
 * names are legal is for the room to decide; this refuses those that no URL can carry.
 *
 * @throws PartyError `invalid` for a party or a room that is no text, empty, `.` or `..` (URLs fold
 *   them), or holds a lone surrogate.
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
 * Reads a room's address from the path of a URL; null where it is no room's.
 *
 * @param pathname as `URL.pathname` has it: still encoded.
 * @throws PartyError `invalid` when it has the form of a room's path and the name is illegal or
 *   badly escaped. `party` has been read by then, and is passed to `isParty` first: an unknown
 *   party is null, whatever the room is called.
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

/** `/`, or the prefix between two slashes, encoded as `URL` encodes it. */
function prefixPath(prefix = DEFAULT_PREFIX): string {
  // Nearly always: each request of a Worker comes through here.
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
