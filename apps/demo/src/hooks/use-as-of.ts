import type { RoomStatus } from "@partyflare/client";
import { useState } from "react";
import { network } from "../lab/network";

/**
 * Returns when the room last sent data, in ms since 1970, after the connection is lost; null while
 * there is one, and before the first.
 */
export function useAsOf({ state }: RoomStatus): number | null {
  const isOpen = state === "open";
  // Attempts that fail later do not change it.
  const [asOfMs, setAsOfMs] = useState<number | null>(null);
  const [wasOpen, setWasOpen] = useState(false);
  if (isOpen !== wasOpen) {
    setWasOpen(isOpen);
    setAsOfMs(isOpen ? null : network.heardAtMs);
  }
  return asOfMs;
}
