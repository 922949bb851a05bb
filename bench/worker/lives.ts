/** Rooms that have come to life in this Worker: anew, or by waking. */
let lives = 0;

/** Called by every room's constructor. */
export function countLife(): void {
  lives += 1;
}

/** How often rooms have come to life so far: grows when a room has slept and is woken. */
export function livesSoFar(): number {
  return lives;
}
