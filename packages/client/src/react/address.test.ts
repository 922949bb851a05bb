import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { credentialsOf, locationOf, matches } from "./address";

const WHERE = { party: "chat", room: "lobby" };

const text = fc.string({ minLength: 1 });
const options = fc.record(
  {
    identity: text,
    token: fc.oneof(
      text,
      fc.constant(() => "asked"),
    ),
    key: text,
    id: text,
  },
  { requiredKeys: [] },
);

describe("where a room is", () => {
  it("is another for another value of each option", () => {
    const others = [
      WHERE,
      { ...WHERE, host: "example.com" },
      { ...WHERE, party: "other" },
      { ...WHERE, room: "other" },
      { ...WHERE, prefix: "rooms" },
      { ...WHERE, path: "side" },
      { ...WHERE, protocol: "ws" as const },
      { ...WHERE, query: { a: 1 } },
    ];
    expect(new Set(others.map(locationOf)).size).toBe(others.length);
  });

  it("depends on the content of a query alone", () => {
    const parameters = fc.dictionary(
      fc.string(),
      fc.oneof(fc.integer(), fc.boolean(), fc.string()),
    );
    fc.assert(
      fc.property(parameters, (query) => {
        const same = Object.fromEntries(
          Object.entries({ ...query, nothing: undefined })
            .toReversed()
            .map(([name, value]) => [name, value === undefined ? value : String(value)]),
        );
        expect(locationOf({ ...WHERE, query: same })).toBe(locationOf({ ...WHERE, query }));
      }),
    );
  });

  it("is not the same for two queries that look alike when they are joined", () => {
    const one = locationOf({ ...WHERE, query: { a: "1,b,2" } });
    expect(locationOf({ ...WHERE, query: { a: "1", b: "2" } })).not.toBe(one);
  });
});

describe("who connects", () => {
  it("matches itself, and whoever says more", () => {
    fc.assert(
      fc.property(options, (given) => {
        const credentials = credentialsOf({ ...WHERE, ...given });
        expect(matches(credentials, credentials)).toBe(true);
        expect(matches(credentialsOf(WHERE), credentials)).toBe(true);
      }),
    );
  });

  it("does not match another text of what is given", () => {
    const ada = credentialsOf({ ...WHERE, token: "ada" });
    for (const other of [
      { token: "bob" },
      { token: () => "ada" },
      { identity: "ada" },
      { key: "ada" },
      { id: "ada" },
    ]) {
      expect(matches(ada, credentialsOf({ ...WHERE, ...other }))).toBe(false);
    }
  });
});
