import { useEffect, useState } from "react";

/** Short enough that no second is skipped. */
const TICK_MS = 250;

/** Counts down the seconds until a time, in ms since 1970; 0 when it has passed. */
export function useSecondsUntil(atMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());

  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);

  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}
