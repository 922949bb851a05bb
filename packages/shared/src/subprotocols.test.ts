import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FRAMED_PROTOCOL,
  offeredProtocols,
  randomKey,
  RAW_PROTOCOL,
  readOffer,
} from "./subprotocols";

describe("an offer of subprotocols", () => {
  it("carries any token and key to the server, in characters that a header may hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (token) => {
        const key = randomKey();
        const offer = offeredProtocols(RAW_PROTOCOL, { key, token });
        // RFC 9110 §5.6.2: what a token of a header may hold.
        for (const protocol of offer) expect(protocol).toMatch(/^[\w!#$%&'*+.^`|~-]+$/);
        expect(readOffer(offer.join(", "))).toEqual({ answer: RAW_PROTOCOL, key, token });
      }),
    );
  });

  it("is answered with frames before raw, and ours before others", () => {
    expect(readOffer(`chat, ${RAW_PROTOCOL}, ${FRAMED_PROTOCOL}`).answer).toBe(FRAMED_PROTOCOL);
    expect(readOffer(`chat,${RAW_PROTOCOL}`).answer).toBe(RAW_PROTOCOL);
    expect(readOffer("chat, other").answer).toBe("chat");
  });

  it.each([null, "", " , ", "partyflare.key.abc", "partyflare.token.abc", "partyflare.2"])(
    "%j has no answer",
    (header) => {
      expect(readOffer(header).answer).toBeUndefined();
    },
  );

  it.each(["partyflare.token.%%%", "partyflare.token._w", "partyflare.key."])(
    "with broken credentials counts as without: %s",
    (header) => {
      expect(readOffer(header)).toEqual({ answer: undefined, key: undefined, token: undefined });
    },
  );

  it("gives every client another key of 128 bits", () => {
    const keys = new Set(Array.from({ length: 100 }, randomKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[\w-]{22}$/);
  });
});
