import { useEffect, useState } from "react";
import { network } from "../lab/network";
import type { Painter } from "./use-canvas";

/** What a page receives in a second. */
export interface Pace {
  /** Messages of the room. */
  readonly messages: number;
  /** The messages that a room would send which forwards each move. */
  readonly naive: number;
}

/** Returns the messages of the last second. It changes once a second. */
export function usePace(others: readonly Painter[]): Pace {
  const [messages, setMessages] = useState(0);

  useEffect(() => {
    let before = network.messages;
    const timer = setInterval(() => {
      setMessages(network.messages - before);
      before = network.messages;
    }, 1_000);
    return () => clearInterval(timer);
  }, []);

  return { messages, naive: others.reduce((sum, { presence }) => sum + (presence?.moves ?? 0), 0) };
}
