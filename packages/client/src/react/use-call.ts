import type { CallErrorOf, CallName, CallOutput, Contract } from "@partyflare/shared";
import { useCallback, useRef, useState } from "react";
import type { CallArguments, TypedPromise } from "../room/calls";
import type { Room } from "../room/room";

/** A call of a room, and how its latest use went. */
export interface UseCallResult<C extends Contract, Name extends CallName<C>> {
  /** As `room.call`. Its promise may be left alone: a rejection is in `error`. */
  call: (
    ...input: CallArguments<C, Name>
  ) => TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>>;
  /** Whether the latest use is not answered yet. */
  isPending: boolean;
  /** Why the latest use failed; undefined while it is pending, and when it did not. */
  error: CallErrorOf<C, Name> | undefined;
  /** The latest answer there was, kept while another is pending and when that one fails. */
  data: CallOutput<C, Name> | undefined;
  /** Forgets all three. What is pending is still done, and no longer shown. */
  reset: () => void;
}

/**
 * A call with its state, for a component to show.
 *
 * @example
 * const { call, isPending, error } = useCall(room, "rename");
 * return (
 *   <button disabled={isPending} onClick={() => void call({ name: "Ada" })}>
 *     {error?.code === "name_taken" ? `Taken: try ${error.data.suggestion}` : "Call me Ada"}
 *   </button>
 * );
 */
export function useCall<C extends Contract, Name extends CallName<C>>(
  room: Room<C>,
  name: Name,
): UseCallResult<C, Name> {
  type State = Pick<UseCallResult<C, Name>, "data" | "error" | "isPending">;
  const [state, setState] = useState<State>(UNUSED);
  /** Counts the uses: only the latest one's outcome is shown. */
  const latest = useRef(0);

  const call = useCallback(
    (...input: CallArguments<C, Name>) => {
      const use = ++latest.current;
      const show = (next: (last: State) => State) => {
        if (use === latest.current) setState(next);
      };
      show(({ data }) => ({ data, error: undefined, isPending: true }));
      const answer = room.call(name, ...input);
      answer.then(
        (data) => show(() => ({ data, error: undefined, isPending: false })),
        (error) => show(({ data }) => ({ data, error, isPending: false })),
      );
      return answer;
    },
    [room, name],
  );

  const reset = useCallback(() => {
    latest.current += 1;
    setState(UNUSED);
  }, []);

  return { ...state, call, reset };
}

const UNUSED = { data: undefined, error: undefined, isPending: false };
