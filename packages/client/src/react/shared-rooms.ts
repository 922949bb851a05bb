import type { Stop } from "../connection/emitter";
import { credentialsOf, locationOf, matches, type ShareOptions } from "./address";
import { SharedRoom } from "./shared-room";

/** The rooms that the holders of this page share, across all React roots. */
const rooms = new Set<SharedRoom>();

const listeners = new Set<() => void>();

/** Calls a function when a holder may have to switch to another room. */
export function onRoomsChange(listener: () => void): Stop {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Returns the room for a holder with these options: an existing room, or a new one that is not
 * connected. The result is the same until the options or the rooms change, so a render may call
 * this.
 *
 * A missing credential matches any value: a child without `token` shares its parent's room. If two
 * rooms match, the holder gets neither of them. So no client acts as another user.
 */
export function sharedRoom(options: ShareOptions, holder: object): SharedRoom {
  const location = locationOf(options);
  const given = credentialsOf(options);
  const there = Array.from(rooms).filter((shared) => shared.location === location);
  let own = there.find((shared) => shared.isOf(given));
  const [other, ...more] = there.filter(
    (shared) => shared !== own && matches(given, shared.credentials) && shared.isClaimed(holder),
  );
  if (other && more.length === 0) return other;
  own ??= added(options);
  own.want();
  return own;
}

/**
 * Keeps a room for a mounted holder, and connects it unless `enabled` is false. Call the result to
 * release the room.
 */
export function holdRoom(shared: SharedRoom, options: ShareOptions, holder: object): Stop {
  if (options.enabled ?? true) shared.hold(holder, sharedRoom(options, holder) === shared);
  claimsChanged(shared);
  return () => {
    shared.release(holder);
    claimsChanged(shared);
  };
}

function added(options: ShareOptions): SharedRoom {
  const shared: SharedRoom = new SharedRoom(options, () => {
    rooms.delete(shared);
    changed();
  });
  rooms.add(shared);
  // A render may be discarded before it is committed.
  shared.closeSoon();
  return shared;
}

/**
 * Notifies all holders if the room has become claimed or unclaimed. That decides which room a
 * holder without credentials gets.
 */
function claimsChanged(shared: SharedRoom): void {
  const isClaimed = shared.isClaimed();
  if (shared.isKnown === isClaimed) return;
  shared.isKnown = isClaimed;
  changed();
}

function changed(): void {
  for (const listener of Array.from(listeners)) listener();
}
