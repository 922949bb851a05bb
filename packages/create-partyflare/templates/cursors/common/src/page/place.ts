/** Returns where a pointer is on a board: from 0 to 1, from its left and its top. */
export function placeOf(event: { clientX: number; clientY: number }, board: Element) {
  const { left, top, width, height } = board.getBoundingClientRect();
  return {
    x: share((event.clientX - left) / width),
    y: share((event.clientY - top) / height),
  };
}

/** Four digits: a pixel of any screen. */
function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}
