import { useEffect, useState } from "react";

/** Often enough for no second to be skipped. */
const TICK_MS = 250;

/** The seconds until a time, in milliseconds since 1970, counted down; 0 when it has passed. */
export function useSecondsUntil(atMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());

  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);

  return Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}
