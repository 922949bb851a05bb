import { vi } from "vitest";

/** Waits until nothing is thrown: a busy machine may take its time, an idle one is not waited for. */
export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 60_000, interval: 5 });
}
