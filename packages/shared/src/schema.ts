import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Schema } from "./contract";
import { type Issue, mistake } from "./errors";
import { MAX_ISSUES } from "./limits";
import { isThenable } from "./thenable";

/**
 * Checks a value against a schema, and gives back what the schema makes of it: at once, or as a
 * promise where the schema is asynchronous.
 *
 * @throws PartyError `invalid` with the schema's issues, path and message, never the value.
 */
export function validate(schema: Schema, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  // Promise.resolve, since a thenable may have no `catch`.
  if (isThenable(result)) return Promise.resolve(result).then((done) => valueOf(done, value));
  return valueOf(result, value);
}

function valueOf(result: StandardSchemaV1.Result<unknown>, value: unknown): unknown {
  if (!result.issues) return result.value;
  const issues = result.issues.slice(0, MAX_ISSUES).map((issue) => issueOf(issue, value));
  throw mistake("invalid", { issues });
}

function issueOf({ message, path = [] }: StandardSchemaV1.Issue, value: unknown): Issue {
  // Array.from and not map: arktype's paths are no plain arrays, and would stay what they are.
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

/** Some validators quote the value in their messages: valibot does, and arktype. */
function withoutValue(message: string, value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") {
    return message;
  }
  const text = String(value);
  if (text === "" || text.length > message.length) return message;
  const quoted = typeof value === "string" ? JSON.stringify(value) : text;
  // A short text is part of many a message by chance, unless it stands as a word of its own.
  return message
    .replaceAll(quoted, "…")
    .replaceAll(text, (word, start: number, whole: string) =>
      isWordCharacter(whole[start - 1]) || isWordCharacter(whole[start + word.length]) ? word : "…",
    );
}

function isWordCharacter(character = ""): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}
