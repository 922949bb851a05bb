import { type Dispatch, type SetStateAction, useEffect, useState } from "react";
import { attempt } from "./stored-value";

/** State that survives a reload: JSON in this tab's `sessionStorage`, if that is allowed. */
export function useTabState<Value>(
  key: string,
  initial: Value,
): [Value, Dispatch<SetStateAction<Value>>] {
  const [value, setValue] = useState<Value>(() => {
    // Only this page has written the value.
    const kept = attempt(() => JSON.parse(sessionStorage.getItem(key) ?? "null") as Value | null);
    return kept ?? initial;
  });

  useEffect(() => {
    attempt(() => sessionStorage.setItem(key, JSON.stringify(value)));
  }, [key, value]);

  return [value, setValue];
}
