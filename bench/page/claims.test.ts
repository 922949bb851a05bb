import { expect, test } from "vitest";
import { type Claim, fillClaims } from "./claims.ts";

function claim(text: string, ...numbers: (string | undefined)[]): Claim {
  return { page: "page.md", text, numbers };
}

test("writes each number where its sentence has one, and leaves the rest of the page alone", () => {
  const page = "It costs 0.24 of (a) room, and 1,234 µs. A room costs 0.24.";
  const filled = fillClaims(page, [claim("costs {} of (a) room, and {} µs", "0.21", "98.7")]);
  expect(filled).toBe("It costs 0.21 of (a) room, and 98.7 µs. A room costs 0.24.");
});

test("finds a sentence wherever its lines break, and keeps the breaks", () => {
  const filled = fillClaims("It costs\n  0.24 of a\nroom.", [claim("costs {} of a room", "0.21")]);
  expect(filled).toBe("It costs\n  0.21 of a\nroom.");
});

test("does not take the end of a sentence for a part of its number", () => {
  expect(fillClaims("It costs 0.24.", [claim("costs {}", "0.21")])).toBe("It costs 0.21.");
});

test("leaves a number that has not been measured", () => {
  const page = "It costs 0.24 of 3 rooms.";
  expect(fillClaims(page, [claim("costs {} of {} rooms", undefined, "4")])).toBe(
    "It costs 0.24 of 4 rooms.",
  );
});

test.each(["It costs little.", "It costs 1 of it. It costs 2 of it."])(
  "refuses a page that does not have the sentence exactly once: %s",
  (page) => {
    expect(() => fillClaims(page, [claim("It costs {} of it", "3")])).toThrow(
      /Found [02] times in page\.md/,
    );
  },
);

test("refuses another count of numbers", () => {
  expect(() => fillClaims("1 of 2", [claim("{} of {}", "3")])).toThrow("Not a number for each {}");
});
