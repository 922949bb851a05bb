import { defineContract, PartyError } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FakeHost, withStorage } from "../../../test/fake-host";
import { sharedState } from "./shared-state";

const poll = defineContract({
  shared: z.object({
    phase: z.enum(["open", "closed"]),
    votes: z.record(z.string(), z.enum(["red", "blue"])),
  }),
});

const initial = { phase: "open" as const, votes: {} };

describe("sharedState in a room", () => {
  it("sends a new client the whole value, and then each change", async () => {
    await withStorage((storage) => {
      const room = FakeHost.with(sharedState<typeof poll>({ initial }), {
        contract: poll,
        storage,
      });
      const ada = room.connect("ada");
      expect(ada.hello).toEqual({
        version: 0,
        run: "",
        reset: true,
        set: [
          ["phase", "open"],
          ["votes", {}],
        ],
      });
      room.api.change((draft) => {
        draft.votes["ada"] = "red";
      });
      room.settle();
      expect(ada.take()).toEqual([
        { version: 1, run: expect.any(String), set: [["votes", "ada", "red"]] },
      ]);
      room.api.change((draft) => {
        delete draft.votes["ada"];
        draft.phase = "closed";
      });
      room.pass(20);
      expect(ada.take()).toEqual([
        {
          version: 2,
          run: expect.any(String),
          gone: [["votes", "ada"]],
          set: [["phase", "closed"]],
        },
      ]);
      expect(room.api.value).toEqual({ phase: "closed", votes: {} });
      room.sleep();
      expect(room.api.value).toEqual({ phase: "closed", votes: {} });
      expect(room.api.version).toBe(2);
    });
  });

  it("refuses what the schema refuses, and changes nothing", async () => {
    await withStorage((storage) => {
      const room = FakeHost.with(sharedState<typeof poll>({ initial }), {
        contract: poll,
        storage,
      });
      expect(() =>
        room.api.change((draft) => void (draft.votes["ada"] = "green" as "red")),
      ).toThrow(PartyError);
      expect(() =>
        room.api.change(
          (draft) => void ((draft.votes as Record<string, unknown>)["__proto__"] = "red"),
        ),
      ).toThrow(/__proto__/);
      expect(room.api.version).toBe(0);
    });
  });
});
