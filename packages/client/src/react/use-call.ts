import type { CallErrorOf, CallName, CallOutput, Contract } from "@partyflare/shared";
import { useCallback, useMemo, useState } from "react";
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
  /** A use is an object of its own: only the latest one's outcome is shown. */
  type Shown = State & { of: object; use?: object };

  const of = useMemo(() => ({ room, name }), [room, name]);
  const [last, setShown] = useState<Shown>({ of, ...UNUSED });
  let shown = last;
  // What another room has answered is not this one's answer, whenever it comes.
  if (last.of !== of) setShown((shown = { of, ...UNUSED }));

  const call = useCallback(
    (...input: CallArguments<C, Name>) => {
      const use = {};
      setShown((before) =>
        before.of === of ? { ...UNUSED, of, use, data: before.data, isPending: true } : before,
      );
      const show = (outcome: Partial<State>) =>
        setShown((before) =>
          before.use === use ? { ...before, ...outcome, isPending: false } : before,
        );
      const answer = of.room.call(of.name, ...input);
      answer.then(
        (data) => show({ data }),
        (error) => show({ error }),
      );
      return answer;
    },
    [of],
  );

  const reset = useCallback(() => {
    setShown((before) => ({ of: before.of, ...UNUSED }));
  }, []);

  const { data, error, isPending } = shown;
  return { data, error, isPending, call, reset };
}

const UNUSED = { data: undefined, error: undefined, isPending: false };
