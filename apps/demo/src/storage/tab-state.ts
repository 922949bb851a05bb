import { type Dispatch, type SetStateAction, useEffect, useState } from "react";
import { attempt } from "./stored-value";

/**
 * State that outlives a reload: in `sessionStorage`, where that is allowed, as JSON. It is this
 * tab's alone.
 */
export function useTabState<Value>(
  key: string,
  initial: Value,
): [Value, Dispatch<SetStateAction<Value>>] {
  const [value, setValue] = useState<Value>(() => {
    // Only this page has written it.
    const kept = attempt(() => JSON.parse(sessionStorage.getItem(key) ?? "null") as Value | null);
    return kept ?? initial;
  });

  useEffect(() => {
    attempt(() => sessionStorage.setItem(key, JSON.stringify(value)));
  }, [key, value]);

  return [value, setValue];
}
