import { useCallback, useState } from "react";
import { useTabState } from "../storage/tab-state";

/** What is being written in a room. It survives a reload. */
export interface Draft {
  readonly text: string;
  /** Why what stands in it was refused; null where it was not. */
  readonly error: string | null;
  readonly write: (text: string) => void;
  /** Puts back what the room has refused, before what has been written since. */
  readonly giveBack: (text: string, error: string) => void;
}

/** The draft of a room's page. */
export function useDraft(roomName: string): Draft {
  const [text, setText] = useTabState(`partyflare:draft:${roomName}`, "");
  const [error, setError] = useState<string | null>(null);

  const write = useCallback(
    (next: string) => {
      setText(next);
      setError(null);
    },
    [setText],
  );

  const giveBack = useCallback(
    (refused: string, reason: string) => {
      setText((written) => (written === "" ? refused : `${refused}\n${written}`));
      setError(reason);
    },
    [setText],
  );

  return { text, error, write, giveBack };
}
