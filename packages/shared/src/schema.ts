import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Schema } from "./contract";
import { type Issue, mistake } from "./errors";
import { MAX_ISSUES } from "./limits";
import { isThenable } from "./thenable";

/**
 * Validates a value and returns the schema's output. It returns a promise if the schema is async.
 *
 * @throws PartyError `invalid` with the schema's issues: path and message, never the value.
 */
export function validate(schema: Schema, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  if (isThenable(result)) return settled(result, value);
  return valueOf(result, value);
}

async function settled(
  result: PromiseLike<StandardSchemaV1.Result<unknown>>,
  value: unknown,
): Promise<unknown> {
  return valueOf(await result, value);
}

function valueOf(result: StandardSchemaV1.Result<unknown>, value: unknown): unknown {
  if (!result.issues) return result.value;
  const issues = result.issues.slice(0, MAX_ISSUES).map((issue) => issueOf(issue, value));
  throw mistake("invalid", { issues });
}

function issueOf({ message, path = [] }: StandardSchemaV1.Issue, value: unknown): Issue {
  // Array.from, since arktype's paths are not plain arrays and `map` would keep their class.
  const keys = Array.from(path, (segment) => (typeof segment === "object" ? segment.key : segment));
  return {
    path: keys.map((key) => (typeof key === "symbol" ? String(key) : key)),
    message: withoutValue(message, at(value, keys)),
  };
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  );
}

/** Some validators quote the value in their messages, for example valibot and arktype. */
function withoutValue(message: string, value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") {
    return message;
  }
  const text = String(value);
  if (text === "" || text.length > message.length) return message;
  const quoted = typeof value === "string" ? JSON.stringify(value) : text;
  // A short text is part of many messages by chance, unless it stands as a word of its own.
  return message
    .replaceAll(quoted, "…")
    .replaceAll(text, (word, start: number, whole: string) =>
      isWordCharacter(whole[start - 1]) || isWordCharacter(whole[start + word.length]) ? word : "…",
    );
}

function isWordCharacter(character = ""): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}
