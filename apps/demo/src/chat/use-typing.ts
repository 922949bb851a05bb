import { useCallback, useEffect, useRef } from "react";
import { TYPING_MS } from "../../limits";

/**
 * Tells the room whether this visitor is writing: from a key until a pause, or until the message is
 * sent.
 *
 * @returns a function to call with every text that the visitor writes.
 */
export function useTyping(setTyping: (isTyping: boolean) => void): (text: string) => void {
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(
    () => () => {
      clearTimeout(pause.current);
      setTyping(false);
    },
    [setTyping],
  );

  return useCallback(
    (text: string) => {
      clearTimeout(pause.current);
      const isTyping = text !== "";
      setTyping(isTyping);
      if (isTyping) pause.current = setTimeout(() => setTyping(false), TYPING_MS);
    },
    [setTyping],
  );
}
