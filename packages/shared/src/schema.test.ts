import { type as arktype } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type Schema, type } from "./contract";
import { PartyError } from "./errors";
import { validate } from "./schema";

/** One schema, in the words of three validators. */
const SCHEMAS: Record<string, { text: Schema; number: Schema; later: Schema }> = {
  zod: {
    text: z.object({ list: z.array(z.object({ text: z.string().max(5) })) }),
    number: z.object({ count: z.number().max(10) }),
    later: z.string().refine(async (text) => text === "good"),
  },
  valibot: {
    text: v.object({ list: v.array(v.object({ text: v.pipe(v.string(), v.maxLength(5)) })) }),
    number: v.object({ count: v.pipe(v.number(), v.maxValue(10)) }),
    later: v.pipeAsync(
      v.string(),
      v.checkAsync(async (text) => text === "good"),
    ),
  },
  arktype: {
    text: arktype({ list: arktype({ text: "string <= 5" }).array() }),
    number: arktype({ count: "number <= 10" }),
    // arktype has no asynchronous schemas.
    later: z.string().refine(async (text) => text === "good"),
  },
};

function refusal(run: () => unknown): PartyError {
  try {
    run();
  } catch (error) {
    if (error instanceof PartyError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

describe.each(Object.entries(SCHEMAS))("a schema of %s", (_name, { text, number, later }) => {
  it("gives back what fits", () => {
    const value = { list: [{ text: "hello" }] };
    expect(validate(text, value)).toEqual(value);
  });

  it("refuses what does not, with a path, and without the value", () => {
    const error = refusal(() => validate(text, { list: [{ text: "ok" }, { text: "secret" }] }));
    expect(error.code).toBe("invalid");
    expect(error.issues).toEqual([{ path: ["list", 1, "text"], message: expect.any(String) }]);
    expect(JSON.stringify(error.issues)).not.toContain("secret");
  });

  it("does not name a number either", () => {
    const error = refusal(() => validate(number, { count: 987_654 }));
    expect(JSON.stringify(error.issues)).not.toMatch(/987/);
  });

  it("may be asynchronous", async () => {
    await expect(validate(later, "good")).resolves.toBe("good");
    await expect(validate(later, "secret")).rejects.toMatchObject({
      code: "invalid",
      issues: [{ path: [], message: expect.not.stringContaining("secret") }],
    });
  });
});

describe("validation", () => {
  it("awaits what is no Promise of its own realm, too", async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- as the promise of an RPC call is
    const later = Object.assign(() => {}, {
      then: (resolve: (result: object) => void) => resolve({ issues: [{ message: "no" }] }),
    });
    const schema = { "~standard": { version: 1, vendor: "test", validate: () => later } };
    const checked = validate(schema as unknown as Schema, "value");
    await expect(checked).rejects.toMatchObject({ code: "invalid", issues: [{ message: "no" }] });
  });

  it("passes on what type<T>() stands for, unchecked", () => {
    const value = { anything: 1 };
    expect(validate(type<string>(), value)).toBe(value);
  });

  it("tells of at most 10 issues", () => {
    const error = refusal(() => validate(z.array(z.string()), Array(1_000).fill(1)));
    expect(error.issues).toHaveLength(10);
  });

  it("leaves a message as it is where the value is part of it by chance", () => {
    const schema = z.string().min(5, "at least 5 characters");
    expect(refusal(() => validate(schema, "a")).issues?.[0]?.message).toBe("at least 5 characters");
  });

  it("takes any text for a value, and no pattern", () => {
    const schema = v.picklist(["x"]);
    for (const value of ["-1.5e+300", "[", "$&", "\\", "(?<!", "a|b"]) {
      const [issue] = refusal(() => validate(schema, value)).issues ?? [];
      expect(issue?.message).toContain("…");
    }
  });
});
