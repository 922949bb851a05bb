import { useCallback, useState } from "react";
import { useTabState } from "../storage/tab-state";

/** The draft of a message. It survives a reload. */
export interface Draft {
  readonly text: string;
  /** The reason why the room refused the text in it; null if it did not. */
  readonly error: string | null;
  readonly write: (text: string) => void;
  /** Puts a refused text back, in front of the current one. */
  readonly giveBack: (text: string, error: string) => void;
}

/** Returns the draft of a room's page. */
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
