import { defineContract, type } from "@partyflare/shared";
import { expect, it } from "vitest";
import { Capabilities } from "../capabilities/capabilities";
import { checkParty } from "./handlers";

it("tells the mistake of a capability, and not of the fields below it that were never set", () => {
  const contract = defineContract({ fromClient: { say: type<string>() } });
  // Marked: no room is needed for a capability that throws at once.
  const capabilities = new Capabilities({ contract } as never);
  const check = () => checkParty({ contract, handlers: {}, capabilities }, () => false);
  expect(check).toThrow("handle() has no handler for say.");
  const use = () =>
    capabilities.use(() => {
      throw new TypeError("presence(): a mistake.");
    });
  expect(use).toThrow("presence(): a mistake.");
  expect(check).toThrow("presence(): a mistake.");
});
