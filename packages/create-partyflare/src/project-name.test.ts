import { describe, expect, it } from "vitest";
import { problemOf, projectNameOf, suggestedName } from "./project-name";

describe("a project's name", () => {
  it.each(["a", "my-chat", "chat2", "2nd-chat", "a".repeat(63)])("may be %s", (name) => {
    expect(problemOf(name)).toBeUndefined();
    expect(suggestedName(name)).toBe(name);
    expect(projectNameOf(`/projects/${name}`)).toBe(name);
  });

  it.each([
    ["My Chat", "my-chat"],
    ["Café_Müller", "cafe-muller"],
    ["-a-", "a"],
    ["???", "my-party"],
    [`${"a".repeat(62)}-b`, "a".repeat(62)],
  ])("may not be %s, and there is a suggestion", (name, suggestion) => {
    expect(problemOf(name)).toContain(`such as "${suggestion}".`);
    expect(problemOf(suggestion)).toBeUndefined();
    expect(() => projectNameOf(`/projects/${name}`)).toThrow(`"${name}" cannot be the name`);
  });

  it("is made from the folder in which the reader stands, whatever its name is", () => {
    expect(problemOf(projectNameOf(process.cwd()))).toBeUndefined();
  });
});
