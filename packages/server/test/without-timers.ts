/** Runs a function while the app has all timers that the platform gives. */
export function withoutTimers(run: () => void): void {
  const timers: ReturnType<typeof setTimeout>[] = [];
  try {
    for (;;) timers.push(setTimeout(() => {}, 60_000));
  } catch {
    // There is no further one.
  }
  try {
    run();
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
