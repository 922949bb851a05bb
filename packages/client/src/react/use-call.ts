import type { CallErrorOf, CallName, CallOutput, Contract } from "@partyflare/shared";
import { useCallback, useMemo, useState } from "react";
import type { CallArguments, TypedPromise } from "../room/calls";
import type { Room } from "../room/room";

/** A room's call, with the state of its latest use. */
export interface UseCallResult<C extends Contract, Name extends CallName<C>> {
  /** Calls the room, as `room.call` does. You may ignore its promise: `error` has the rejection. */
  call: (
    ...input: CallArguments<C, Name>
  ) => TypedPromise<CallOutput<C, Name>, CallErrorOf<C, Name>>;
  /** Whether the latest use has no answer yet. */
  isPending: boolean;
  /** The error of the latest use; undefined while it is pending, and if it succeeded. */
  error: CallErrorOf<C, Name> | undefined;
  /** The latest answer. It stays while another use is pending, and if that use fails. */
  data: CallOutput<C, Name> | undefined;
  /**
   * Clears `isPending`, `error` and `data`. A pending call still runs, but its outcome is not
   * shown.
   */
  reset: () => void;
}

/**
 * Returns a call with its state, for a component to show.
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
  /** Each use is an object of its own, so that only the latest use's outcome is shown. */
  type Shown = State & { of: object; use?: object };

  const of = useMemo(() => ({ room, name }), [room, name]);
  const [last, setShown] = useState<Shown>({ of, ...UNUSED });
  let shown = last;
  // An answer from another room or call must not be shown here.
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
